#ifndef METRISHIFT_REWRITER_CLI_HELP_TEXT_H_
#define METRISHIFT_REWRITER_CLI_HELP_TEXT_H_

// What --help says below the options of each command: examples of that command, its exit codes.
namespace metrishift::cli {

inline constexpr const char* kAbout =
    "Finds deprecated metric names in Prometheus rule files and Grafana dashboards, and deprecated "
    "flags and\n"
    "endpoints of etcd where it is started and asked, and renames exactly those bytes. What it "
    "leaves "
    "alone\n"
    "it lists, with the reason.";

inline constexpr const char* kMainHelp = R"(Examples:
  metrishift check --mapping etcd-3.5 rules/             what would go silent after the upgrade?
  metrishift rewrite --mapping etcd-3.5 rules/           show the change as a diff
  metrishift rewrite --mapping etcd-3.5 --write rules/   make it
  metrishift COMMAND --help                              more of each command

Exit codes:
  0  nothing found; everything done
  1  something found, or left to a person
  2  a wrong command line, or a file that cannot be read or written)";

inline constexpr const char* kCheckHelp = R"(Examples:
  metrishift check --mapping etcd-3.5 rules/ dashboards/
  metrishift check --mapping etcd-3.5 'teams/*/rules/**/*.yml'       a glob in quotes is expanded here
  helm template chart | metrishift check --mapping etcd-3.5 -        standard input
  metrishift check --mapping etcd-3.5 --format github .              annotations in a pull request
  metrishift check --mapping etcd-3.5 --format html . > report.html  one page, for a browser

Folders are searched for the files whose extensions are known (YAML, JSON, rules, templates, Terraform; for
flags also .sh, .service and its .conf files, .env, and files in default/ and sysconfig/), but for what git
ignores; a file without a trace of a deprecated name is not parsed.

Exit codes:
  0  no deprecated name is in use
  1  one is, or a place needs a person
  2  a wrong command line, or a file that cannot be read)";

inline constexpr const char* kRewriteHelp = R"(Examples:
  metrishift rewrite --mapping etcd-3.5 rules/                       show the change, as a diff for patch -p1
  metrishift rewrite --mapping etcd-3.5 --write rules/               make it, each file in one step
  metrishift rewrite --mapping etcd-3.5 --write - < a.yml > b.yml    standard input, and out again
  metrishift rewrite --mapping etcd-3.5 --mode union --write rules/  ask for either name, for the time of the
                                                                     upgrade; afterwards: --mode finalize
  metrishift rewrite --mapping etcd-3.5 --cascade --patch p.diff .   recorded names, too; the diff in a file

Exit codes:
  0  everything is renamed, or there is nothing to rename
  1  a place is left to a person
  2  a wrong command line, or a file that cannot be read or written; the others are done)";

inline constexpr const char* kPreflightHelp = R"(Examples:
  metrishift preflight --endpoints http://10.0.0.1:2379,http://10.0.0.2:2379,http://10.0.0.3:2379
  metrishift preflight --endpoints https://10.0.0.1:2379 --cacert ca.crt --cert client.crt --key client.key
  metrishift preflight --endpoints ... --rules rules/    also: are the rules prepared?
  metrishift preflight --endpoints ... --watch           while members are upgraded, one by one

Exit codes:
  0  go; with --watch: all members are upgraded
  1  no-go, for the reasons that are given
  2  a wrong command line, or no member answers)";

inline constexpr const char* kMappingsHelp = R"(Examples:
  metrishift mappings                           what is built in
  metrishift mappings show etcd-3.5             what is renamed to what, and since when
  metrishift mappings suggest rules/            which tables apply to these files?
  metrishift mappings lint mine.yaml            is it a table?

Exit codes:
  0  done; the tables are sound
  1  lint: a table is not
  2  a wrong command line, or a file that cannot be read)";

inline constexpr const char* kListHelp = R"(Examples:
  metrishift mappings list
  metrishift mappings list --format markdown)";

inline constexpr const char* kShowHelp = R"(Examples:
  metrishift mappings show etcd-3.5
  metrishift mappings show mine.yaml

Exit codes:
  0  it is printed
  2  there is no such table, or it cannot be read)";

inline constexpr const char* kLintHelp = R"(Examples:
  metrishift mappings lint tables/*.yaml

Exit codes:
  0  they are sound
  1  one is not
  2  one cannot be read)";

inline constexpr const char* kSuggestHelp = R"(Examples:
  metrishift mappings suggest rules/ dashboards/
  metrishift mappings suggest --body http://127.0.0.1:2379/metrics)";

inline constexpr const char* kImportHelp =
    R"(What comes out is a draft: read it, and check it with `metrishift mappings lint`.)";

inline constexpr const char* kImportRulesHelp = R"(Examples:
  metrishift mappings import recording-rules compatibility-rules.yml > mine.yaml)";

inline constexpr const char* kImportSchemaHelp = R"(Examples:
  metrishift mappings import otel-schema --to 1.27.0 schema.yaml > mine.yaml)";

inline constexpr const char* kImportDiffHelp = R"(Examples:
  metrishift mappings import diff before.prom after.prom > mine.yaml)";

inline constexpr const char* kParseHelp = R"(Examples:
  metrishift parse 'sum by (job) (rate(x{a="b"}[5m]))'
  metrishift parse --dialect grafana 'rate(x[$__rate_interval])'

Exit codes:
  0  it is PromQL
  1  it is not
  2  a wrong command line)";

inline constexpr const char* kExplainHelp = R"(Examples:
  metrishift explain --mapping etcd-3.5 --mode union 'rate(etcd_debugging_mvcc_put_total[5m])'
  metrishift explain --code name-regex   what a code in brackets means
  metrishift explain                     all of them

Exit codes:
  0  it is explained
  1  the expression is no PromQL
  2  a wrong command line, or an unknown code)";

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_HELP_TEXT_H_
