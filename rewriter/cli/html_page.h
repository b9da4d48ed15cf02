#ifndef METRISHIFT_REWRITER_CLI_HTML_PAGE_H_
#define METRISHIFT_REWRITER_CLI_HTML_PAGE_H_

#include <string_view>

namespace metrishift::cli {

// The head of the HTML report up to its title. The page needs nothing from elsewhere, and the
// policy says so; it chooses by status with radio buttons and selectors, so that it needs no
// script.
inline constexpr std::string_view kHtmlHead = R"html(<!doctype html>
<html lang="en"><head><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
:root {
  --text: #1c2128; --dim: #59636e; --page: #fff; --card: #f6f8fa; --line: #d1d9e0;
  --old: #ffebe9; --old-mark: #ffb8b0; --new: #dafbe1; --new-mark: #8fe3a4; --mark: #ffe58a;
  --changed: #1a7f37; --person: #bc4c00; --info: #0969da; --error: #cf222e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --text: #e6edf3; --dim: #9198a1; --page: #0d1117; --card: #161b22; --line: #3d444d;
    --old: #3c1618; --old-mark: #8e2b2b; --new: #12341f; --new-mark: #1f6f3a; --mark: #6b5300;
    --changed: #3fb950; --person: #f0883e; --info: #58a6ff; --error: #f85149;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 90rem; margin: 0 auto; padding: 0 1rem 3rem; }
h1 { font-size: 1.4rem; margin: 1rem 0 0; }
main > p { margin: .2rem 0; color: var(--dim); }
code, pre, .diff { font: 12.5px/1.6 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; }
input[name=show] { position: absolute; opacity: 0; }
nav { position: sticky; top: 0; z-index: 1; display: flex; flex-wrap: wrap; gap: .4rem; padding: .6rem 1rem;
      background: var(--page); border-bottom: 1px solid var(--line); }
nav label { padding: .2rem .8rem; border: 1px solid var(--line); border-radius: 2rem; cursor: pointer; }
#all:checked ~ nav [for=all], #changed:checked ~ nav [for=changed], #person:checked ~ nav [for=person],
#info:checked ~ nav [for=info] { background: var(--text); color: var(--page); border-color: var(--text); }
input:focus-visible ~ nav { outline: 2px solid var(--info); outline-offset: -2px; }
#changed:checked ~ main :is(.file:not(.has-changed), li.person, li.info),
#person:checked ~ main :is(.file:not(.has-person), li.changed, li.info, .diff),
#info:checked ~ main :is(.file:not(.has-info), li.changed, li.person, .diff) { display: none; }
.entries { margin: 1rem 0; border-collapse: collapse; }
.entries td { padding: .25rem .8rem .25rem 0; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; }
.errors { color: var(--error); padding-left: 1.2rem; overflow-wrap: anywhere; }
.file { margin: 1rem 0; border: 1px solid var(--line); border-radius: .5rem; overflow: clip; }
summary { padding: .5rem .8rem; background: var(--card); cursor: pointer; overflow-wrap: anywhere; }
.file ul { margin: 0; padding: 0; list-style: none; }
.file li { padding: .45rem .8rem; border-top: 1px solid var(--line); overflow-wrap: anywhere; }
.file li p { margin: .2rem 0 0; color: var(--dim); }
small { color: var(--dim); }
.tag { display: inline-block; padding: 0 .5rem; border-radius: 1rem; border: 1px solid currentColor;
       font-size: .75rem; line-height: 1.3rem; white-space: nowrap; }
.tag.changed { color: var(--changed); } .tag.person { color: var(--person); } .tag.info { color: var(--info); }
pre { margin: .4rem 0 0; padding: .3rem .6rem; background: var(--card); border-radius: .3rem;
      white-space: pre-wrap; overflow-wrap: anywhere; }
mark { background: var(--mark); color: inherit; border-radius: .2rem; }
.diff table { width: 100%; border-collapse: collapse; table-layout: fixed; border-top: 1px solid var(--line); }
.diff th { width: 4.2em; padding: 0 .6em; color: var(--dim); font-weight: 400; text-align: right;
           vertical-align: top; user-select: none; }
.diff td { padding: 0 .6em 0 1.6em; text-indent: -1em; white-space: pre-wrap; overflow-wrap: anywhere;
           vertical-align: top; }
.diff td::before { content: "\a0\a0"; }
.diff td.new { border-left: 1px solid var(--line); }
.diff tr.diff .old { background: var(--old); } .diff tr.diff .new { background: var(--new); }
.diff tr.diff td.old::before { content: "-\a0"; } .diff tr.diff td.new::before { content: "+\a0"; }
.diff .old-none, .diff .new-none { background: var(--card); }
.diff td:is(.old-none, .new-none)::before { content: ""; }
del, ins { text-decoration: none; border-radius: .2rem; }
del { background: var(--old-mark); } ins { background: var(--new-mark); }
.diff i, pre i { color: var(--dim); }
@media (max-width: 50rem) {
  main { padding: 0 .6rem 2rem; }
  nav { padding: .5rem .6rem; }
  .entries tbody, .entries tr { display: block; }
  .entries tr { padding: .3rem 0; border-bottom: 1px solid var(--line); }
  .entries td { display: inline-block; padding: 0 .8rem 0 0; border: 0; }
  .entries td:nth-child(-n+2) { display: block; }
  .diff table, .diff tbody { display: block; }
  .diff tr { display: grid; grid-template-columns: 3.4em 1fr; }
  .diff th { width: auto; }
  .diff td.new { border-left: 0; }
  .diff tr.same .new, .diff .old-none, .diff .new-none { display: none; }
}
</style>
)html";

}  // namespace metrishift::cli

#endif  // METRISHIFT_REWRITER_CLI_HTML_PAGE_H_
