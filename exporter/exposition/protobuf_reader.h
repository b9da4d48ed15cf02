#ifndef METRISHIFT_EXPORTER_EXPOSITION_PROTOBUF_READER_H_
#define METRISHIFT_EXPORTER_EXPOSITION_PROTOBUF_READER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "exporter/exposition/alias_buffer.h"
#include "exporter/exposition/label_changer.h"
#include "exporter/exposition/wire.h"

namespace metrishift::exposition {

// Reads a body of delimited io.prometheus.client.MetricFamily messages and gives its metrics to an
// AliasBuffer. A family that no rule concerns is skipped field by field; a metric that only gets
// another family name is copied with all that is in it, known here or not: native histograms,
// exemplars, created timestamps. Not thread-safe.
class ProtobufReader {
 public:
  // `aliases` must outlive the reader. `max_field_bytes` bounds what is held of the body.
  ProtobufReader(size_t max_field_bytes, AliasBuffer* aliases)
      : max_field_bytes_(max_field_bytes), aliases_(*aliases) {}

  // Returns false as soon as a field that has to be read is longer than allowed.
  [[nodiscard]] bool Feed(std::string_view chunk);

  // False where something is wrong with the framing, so that no reader could make sense of what is
  // added.
  bool AtEndOfMessage() const { return state_ == State::kMessageLength && varint_bytes_ == 0; }

 private:
  enum class State : uint8_t { kMessageLength, kTag, kValue, kPayload, kBroken };

  // What has been read of the current message.
  struct Family {
    bool has_name = false;
    bool has_help = false;
    std::string name;
    std::string help;
    MetricType type = MetricType::kCounter;  // what a message without the field means
    bool type_is_known = true;
    std::string unit;
    bool has_metrics = false;
    bool concerned = false;
    AliasSource* source = nullptr;

    void Clear();  // keeps the memory of the texts
  };

  // Of one metric.
  struct Labels {
    std::vector<LabelItem> items;
    std::vector<uint64_t> name_hashes;
    uint64_t hash = 0;  // as Sample::labels

    // False where readers would refuse the metric.
    bool Read(std::string_view metric);
  };

  bool SkipMessage(std::string_view* chunk);
  void SkipMetrics(std::string_view* chunk);
  bool TakeField(std::string_view* chunk);
  void TakeHead(std::string_view* chunk);
  void OnVarint(uint64_t value);
  void OnLength(uint64_t size);
  bool TakePayload(std::string_view* chunk);
  void BeginPayload(uint64_t size);
  void Break() { state_ = State::kBroken; }
  void EndField();
  bool IsWanted() const;
  void OnField(std::string_view payload);
  void OnName(std::string_view name);
  void OnType(uint64_t number);
  void OnFirstMetric();
  void OnMetric(std::string_view metric);
  void EndMessage();

  bool Claim(AliasTarget* target, uint64_t labels);
  std::vector<uint64_t> SeriesOf(const AliasTarget& target) const;
  void ChangeMetric(const AliasSource::Feed& feed, std::string_view metric);
  void Write(AliasTarget* target, std::string_view metric);

  const size_t max_field_bytes_;
  AliasBuffer& aliases_;
  State state_ = State::kMessageLength;
  uint64_t varint_ = 0;
  size_t varint_bytes_ = 0;
  uint64_t message_left_ = 0;
  uint64_t payload_left_ = 0;
  uint32_t field_number_ = 0;
  WireType field_type_ = WireType::kVarint;
  std::string payload_;  // of a field that is cut by the end of a chunk
  Family family_;
  Labels labels_;  // of the metric under way
  LabelChanger changer_;
  std::string scratch_;
};

}  // namespace metrishift::exposition

#endif  // METRISHIFT_EXPORTER_EXPOSITION_PROTOBUF_READER_H_
