#include "exporter/exposition/protobuf_reader.h"

#include <algorithm>
#include <cstring>

#include "exporter/exposition/byte_scan.h"
#include "exporter/exposition/metric_rewriter.h"

namespace metrishift::exposition {
namespace {

constexpr size_t kMaxLengthBytes = 5;  // of a message: Go's reader takes no more
constexpr size_t kMaxVarintBytes = 10;
constexpr size_t kTagRoom = 1 + kMaxVarintBytes;
constexpr char BytesTag(uint32_t field) { return static_cast<char>(field << 3U | 2U); }
constexpr char kMetricTag = BytesTag(family_field::kMetric);
constexpr char kTypeTag = family_field::kType << 3U;

// What a field with a tag of one byte holds, if its length has one byte or two and it is there as a
// whole.
[[gnu::always_inline]] inline std::optional<std::string_view> ShortPayload(std::string_view field) {
  if (field.size() < 3) return std::nullopt;
  const auto low = static_cast<unsigned char>(field[1]);
  const auto high = static_cast<unsigned char>(field[2]);
  const bool is_short = low < 0x80;
  if (!is_short && high >= 0x80) return std::nullopt;
  const size_t size = is_short ? low : (low & 0x7fU) | size_t{high} << 7U;
  const size_t head = is_short ? 2 : 3;
  if (size > field.size() - head) return std::nullopt;
  return field.substr(head, size);
}

// Where a length stands is known only when the one before is there, so that the machine cannot look
// ahead by itself.
void FetchAhead(std::string_view bytes) {
  constexpr size_t kBegin = 512;
  constexpr size_t kEnd = 768;
  constexpr size_t kCacheLine = 64;
  if (bytes.size() < kEnd) return;
  for (size_t i = kBegin; i < kEnd; i += kCacheLine) __builtin_prefetch(bytes.data() + i);
}

// `fields` from the first metric on that is not whole or not of a usual size, or that is none.
std::string_view SkipShortMetrics(std::string_view fields) {
  while (!fields.empty() && fields.front() == kMetricTag) {
    const std::optional<std::string_view> metric = ShortPayload(fields);
    if (!metric) break;
    FetchAhead(fields);
    fields.remove_prefix(static_cast<size_t>(metric->end() - fields.begin()));
  }
  return fields;
}

// True iff there is nothing in `fields` but help, type, metrics and unit, all of a usual size.
bool AreOrdinary(std::string_view fields) {
  while (!(fields = SkipShortMetrics(fields)).empty()) {
    const char tag = fields.front();
    if (tag == kTypeTag && fields.size() > 1 && static_cast<unsigned char>(fields[1]) < 0x80) {
      fields.remove_prefix(2);
      continue;
    }
    if (tag != BytesTag(family_field::kHelp) && tag != BytesTag(family_field::kUnit)) return false;
    const std::optional<std::string_view> text = ShortPayload(fields);
    if (!text) return false;
    fields.remove_prefix(static_cast<size_t>(text->end() - fields.begin()));
  }
  return true;
}

}  // namespace

bool ProtobufReader::Feed(std::string_view chunk) {
  while (!chunk.empty() && state_ != State::kBroken) {
    const bool at_message = state_ == State::kMessageLength && varint_bytes_ == 0;
    if (at_message && SkipMessage(&chunk)) continue;
    if (state_ == State::kTag && varint_bytes_ == 0 && family_.has_metrics) SkipMetrics(&chunk);
    if (chunk.empty()) break;
    if (state_ == State::kTag && varint_bytes_ == 0 && TakeField(&chunk)) continue;
    if (state_ != State::kPayload) {
      TakeHead(&chunk);
    } else if (!TakePayload(&chunk)) {
      return false;
    }
  }
  return true;
}

// Most of a body: families that are not concerned, with their names in front, whole in the chunk.
bool ProtobufReader::SkipMessage(std::string_view* chunk) {
  std::string_view rest = *chunk;
  bool bad = false;
  const std::optional<uint64_t> size = TakeVarint(&rest, &bad);
  if (!size || *size == 0 || *size > std::min(rest.size(), max_field_bytes_)) return false;
  if (chunk->size() - rest.size() > kMaxLengthBytes) return false;
  const std::string_view message = rest.substr(0, static_cast<size_t>(*size));
  if (message.front() != BytesTag(family_field::kName)) return false;
  const std::optional<std::string_view> name = ShortPayload(message);
  if (!name || aliases_.rules().MayConcern(*name)) return false;
  if (!AreOrdinary({name->end(), static_cast<size_t>(message.end() - name->end())})) return false;
  *chunk = rest.substr(message.size());
  return true;
}

// What SkipMessage does not take: metrics of families that are not concerned, whole in the chunk.
// What this does not take goes the long way.
void ProtobufReader::SkipMetrics(std::string_view* chunk) {
  if (family_.source != nullptr && !family_.source->IsSettled()) return;
  const std::string_view rest =
      chunk->substr(0, static_cast<size_t>(std::min<uint64_t>(message_left_, chunk->size())));
  const size_t skipped = rest.size() - SkipShortMetrics(rest).size();
  message_left_ -= skipped;
  chunk->remove_prefix(skipped);
  if (message_left_ == 0) EndMessage();
}

// One field of a usual size that is whole in the chunk. What this does not take goes the long way.
bool ProtobufReader::TakeField(std::string_view* chunk) {
  const std::string_view rest =
      chunk->substr(0, static_cast<size_t>(std::min<uint64_t>(message_left_, chunk->size())));
  if (rest.size() < 2) return false;
  const auto tag = static_cast<unsigned char>(rest[0]);
  const auto value = static_cast<unsigned char>(rest[1]);
  if (tag == kTypeTag && value < 0x80) {
    chunk->remove_prefix(2);
    message_left_ -= 2;
    OnType(value);
    EndField();
    return true;
  }
  if (tag < 8 || tag >= 0x80 || (tag & 7U) != static_cast<unsigned>(WireType::kBytes)) return false;
  const std::optional<std::string_view> payload = ShortPayload(rest);
  if (!payload || payload->size() > max_field_bytes_) return false;
  field_number_ = tag >> 3U;
  field_type_ = WireType::kBytes;
  if (IsWanted()) OnField(*payload);
  const auto taken = static_cast<size_t>(payload->end() - rest.begin());
  chunk->remove_prefix(taken);
  message_left_ -= taken;
  EndField();
  return true;
}

void ProtobufReader::Family::Clear() {
  has_name = has_help = has_metrics = concerned = false;
  type_is_known = true;
  type = MetricType::kCounter;
  source = nullptr;
  name.clear();
  help.clear();
  unit.clear();
}

// Takes one byte of a varint, or the usual one of one byte as a whole.
void ProtobufReader::TakeHead(std::string_view* chunk) {
  const auto byte = static_cast<unsigned char>(chunk->front());
  chunk->remove_prefix(1);
  const bool in_message = state_ != State::kMessageLength;
  if (in_message && message_left_-- == 0) return Break();
  if (byte < 0x80 && varint_bytes_ == 0) return OnVarint(byte);
  const size_t most = in_message ? kMaxVarintBytes : kMaxLengthBytes;
  if (varint_bytes_ + 1 == most && byte > (in_message ? 1 : 15)) return Break();
  varint_ |= uint64_t{byte & 0x7fU} << (7 * varint_bytes_++);
  if (byte >= 0x80) return;
  const uint64_t value = varint_;
  varint_ = 0;
  varint_bytes_ = 0;
  OnVarint(value);
}

void ProtobufReader::OnVarint(uint64_t value) {
  switch (state_) {
    case State::kMessageLength:
      message_left_ = value;
      family_.Clear();
      state_ = State::kTag;
      if (value == 0) EndMessage();
      return;
    case State::kTag:
      if (value >> 3U == 0 || value >> 3U > 0x1fffffff) return Break();
      field_number_ = static_cast<uint32_t>(value >> 3U);
      field_type_ = static_cast<WireType>(value & 7U);
      state_ = State::kValue;
      if (field_type_ == WireType::kFixed64) return BeginPayload(8);
      if (field_type_ == WireType::kFixed32) return BeginPayload(4);
      if (field_type_ != WireType::kVarint && field_type_ != WireType::kBytes) Break();
      return;
    case State::kValue:
      if (field_type_ == WireType::kBytes) return BeginPayload(value);
      if (field_number_ == family_field::kType) OnType(value);
      return EndField();
    case State::kPayload:
    case State::kBroken:
      return;
  }
}

void ProtobufReader::OnType(uint64_t number) {
  if (family_.has_metrics && family_.source != nullptr) {
    aliases_.Spoil(family_.source, Fault::kTypeAfterSamples);
  }
  const std::optional<MetricType> type = DecodeMetricType(number);
  family_.type_is_known = type.has_value();
  family_.type = type.value_or(MetricType::kUntyped);
}

void ProtobufReader::BeginPayload(uint64_t size) {
  if (size > message_left_) return Break();
  payload_left_ = size;
  payload_.clear();
  state_ = State::kPayload;
  if (size == 0) {
    if (IsWanted()) OnField({});
    EndField();
  }
}

bool ProtobufReader::TakePayload(std::string_view* chunk) {
  const auto size = static_cast<size_t>(std::min<uint64_t>(payload_left_, chunk->size()));
  const std::string_view bytes = chunk->substr(0, size);
  if (IsWanted()) {
    if (payload_.size() + payload_left_ > max_field_bytes_) return false;
    const bool is_whole = payload_.empty() && size == payload_left_;
    if (!is_whole) payload_ += bytes;
    if (size == payload_left_) OnField(is_whole ? bytes : std::string_view(payload_));
  }
  chunk->remove_prefix(size);
  payload_left_ -= size;
  message_left_ -= size;
  if (payload_left_ == 0) EndField();
  return true;
}

// Depends on nothing that changes while the payload comes.
bool ProtobufReader::IsWanted() const {
  if (field_type_ != WireType::kBytes) return false;
  switch (field_number_) {
    case family_field::kName:
      return true;
    case family_field::kHelp:
    case family_field::kUnit:
      return family_.source != nullptr || !family_.has_name;
    case family_field::kMetric:
      return (family_.source != nullptr && !family_.source->IsSettled()) || !family_.has_metrics;
    default:
      return false;
  }
}

void ProtobufReader::EndField() {
  state_ = State::kTag;
  if (message_left_ == 0) EndMessage();
}

void ProtobufReader::OnField(std::string_view payload) {
  switch (field_number_) {
    case family_field::kName:
      return OnName(payload);
    case family_field::kHelp:
      family_.help = payload;
      family_.has_help = true;
      return;
    case family_field::kUnit:
      family_.unit = payload;
      return;
    default:
      return OnMetric(payload);
  }
}

// The last name counts for readers; an encoder that writes two, or one after the metrics, is not
// followed.
void ProtobufReader::OnName(std::string_view name) {
  const bool is_odd = family_.has_name || family_.has_metrics;
  if (is_odd && family_.source != nullptr) aliases_.Spoil(family_.source, Fault::kSecondType);
  family_.name = name;
  family_.has_name = true;
  family_.concerned = aliases_.rules().MayConcern(name);
  family_.source = nullptr;
  if (!family_.concerned) return;
  AliasBuffer::Name* const known = aliases_.Look(name);
  aliases_.MarkExposed(*known);
  if (!known->is_source) return;
  family_.source = aliases_.OpenSource(known);
  if (is_odd) aliases_.Spoil(family_.source, Fault::kSecondType);
}

void ProtobufReader::OnFirstMetric() {
  family_.has_metrics = true;
  if (family_.source == nullptr) return;
  aliases_.SetType(family_.source,
                   family_.type_is_known ? std::optional(family_.type) : std::nullopt);
  if (family_.has_help) aliases_.SetHelp(family_.source, family_.help);
  aliases_.SetUnit(family_.source, family_.unit);
  aliases_.Resolve(family_.source);
}

void ProtobufReader::EndMessage() {
  if (family_.concerned) {
    aliases_.MarkFamilyExposed(aliases_.Look(family_.name), family_.type);
  }
  state_ = State::kMessageLength;
}

bool ProtobufReader::Labels::Read(std::string_view metric) {
  items.clear();
  name_hashes.clear();
  hash = 0;
  WireReader fields(metric);
  while (const std::optional<WireField> field = fields.Next()) {
    if (field->number != metric_field::kLabel || field->type != WireType::kBytes) continue;
    LabelItem item{{}, {}, field->whole};
    WireReader pair(field->payload);
    while (const std::optional<WireField> part = pair.Next()) {
      if (part->type != WireType::kBytes) continue;
      if (part->number == 1) item.name = part->payload;
      if (part->number == 2) item.value = part->payload;
    }
    if (!pair.ok() || item.name.empty()) return false;
    const uint64_t name_hash = HashBytes(item.name);
    if (!item.value.empty()) hash += LabelHash(name_hash, item.value);
    name_hashes.push_back(name_hash);
    items.push_back(item);
  }
  return fields.ok() && !HasRepeat(name_hashes);
}

void ProtobufReader::OnMetric(std::string_view metric) {
  if (!family_.has_metrics) OnFirstMetric();
  if (family_.source == nullptr || family_.source->IsSettled()) return;
  if (!labels_.Read(metric)) return aliases_.Spoil(family_.source, Fault::kUnreadableLine);
  aliases_.CountSamples(family_.source, 1);
  for (const AliasSource::Feed& feed : family_.source->feeds()) {
    if (feed.target != nullptr && !feed.target->IsWanted()) continue;
    if (!feed.is_rename) {
      ChangeMetric(feed, metric);
    } else if (feed.target != nullptr &&
               (!feed.target->NeedsClaims() || Claim(feed.target, labels_.hash))) {
      Write(feed.target, metric);
    }
  }
}

void ProtobufReader::ChangeMetric(const AliasSource::Feed& feed, std::string_view metric) {
  const LabelChanger::Result result = changer_.Apply(*feed.rule, labels_.items);
  if (result == LabelChanger::Result::kNotSelected) return;
  AliasTarget* target = feed.target;
  if (target == nullptr)
    target = aliases_.TargetNamed(changer_.target(), family_.source, *feed.rule);
  if (!target->IsWanted()) return;
  if (result == LabelChanger::Result::kClash) return aliases_.Spoil(target, Fault::kLabelClash);
  scratch_.clear();
  const std::optional<Fault> fault =
      RewriteMetric(metric, *feed.rule, changer_.labels(), &scratch_);
  if (fault) return aliases_.Spoil(target, *fault);
  if (changer_.may_merge()) aliases_.Share(target);
  if (!target->NeedsClaims() || Claim(target, changer_.hash())) Write(target, scratch_);
}

bool ProtobufReader::Claim(AliasTarget* target, uint64_t labels) {
  if (target->HasUnclaimed()) aliases_.ClaimHeld(target, SeriesOf(*target));
  return target->IsWanted() && aliases_.Claim(target, labels);
}

// What Claim would have been asked for each metric that the target holds.
std::vector<uint64_t> ProtobufReader::SeriesOf(const AliasTarget& target) const {
  std::vector<uint64_t> series;
  Labels labels;
  target.bytes().ForEach([&](std::string_view piece) {
    WireReader metrics(piece);
    while (const std::optional<WireField> metric = metrics.Next()) {
      labels.Read(metric->payload);
      series.push_back(labels.hash);
    }
  });
  return series;
}

void ProtobufReader::Write(AliasTarget* target, std::string_view metric) {
  std::string head;
  AppendBytesFieldHead(family_field::kMetric, metric.size(), &head);
  char* const at = aliases_.Reserve(target, kTagRoom + metric.size());
  char* const body = std::copy(head.begin(), head.end(), at);
  aliases_.Commit(target, std::copy(metric.begin(), metric.end(), body));
}

}  // namespace metrishift::exposition
