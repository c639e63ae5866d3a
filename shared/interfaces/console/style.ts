/** The one style sheet of the page. It is constant, so that the policy can name it by its hash. */
export const STYLE = `
:root{color-scheme:light dark;--bg:#f6f7f9;--card:#fff;--ink:#1b2430;--quiet:#5b6675;--line:#dfe3e8;--grid:#e9ecf0;--track:#e6e9ee;--mark:#3a4656;
--aws:#d97a06;--azure:#2f6fde;--gcp:#0e9467;--oracle:#c2412d;--o0:#7c52d9;--o1:#0f8ba5;--o2:#b0478f;--o3:#68758a;
--good:#0f7a55;--good-bg:#e3f4ec;--warning:#8a5200;--warning-bg:#fdf0d9;--warning-fill:#d98a06;--critical:#b3261e;--critical-bg:#fce8e6;--info:#2459b5;--info-bg:#e6eefb}
@media (prefers-color-scheme:dark){:root{--bg:#0f1319;--card:#171c24;--ink:#e6eaf0;--quiet:#9aa6b5;--line:#2a323d;--grid:#232a34;--track:#28303b;--mark:#c3ccd8;
--aws:#f0a13c;--azure:#6aa3ff;--gcp:#3fc595;--oracle:#f0796a;--o0:#b296f5;--o1:#4cc3dc;--o2:#e58bc8;--o3:#9fabbd;
--good:#5fd3a5;--good-bg:#143226;--warning:#f3bd62;--warning-bg:#372a12;--warning-fill:#e0a03a;--critical:#ff8f85;--critical-bg:#3d1a18;--info:#8db6ff;--info-bg:#17263f}}
*{box-sizing:border-box}
body{margin:0;background:var(--bg);color:var(--ink);font:15px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif}
header,main,footer{max-width:1200px;margin:0 auto;padding:0 20px}
header{display:flex;flex-wrap:wrap;align-items:center;gap:6px 16px;padding-top:22px;padding-bottom:14px}
header h1{margin:0;font-size:21px;letter-spacing:-.01em}
header p{margin:0;color:var(--quiet);font-size:13.5px}
header .pill{font-size:13.5px;padding:3px 12px;margin-left:auto}
.notice{margin:0 0 16px;padding:9px 14px;border:1px solid var(--line);border-left:4px solid var(--info);border-radius:8px;background:var(--card);font-size:14px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:16px 20px 18px;margin:0 0 16px;min-width:0}
h2{margin:0 0 10px;font-size:15.5px}
h2 small{font-weight:400;color:var(--quiet);font-size:13px;margin-left:6px}
h3{margin:0;font-size:14.5px;font-weight:600;overflow-wrap:anywhere}
.two{display:grid;grid-template-columns:repeat(2,minmax(0,1fr));gap:0 16px;align-items:start}
.num{font-variant-numeric:tabular-nums}
.quiet,.empty{color:var(--quiet)}
.small{margin:2px 0 0;font-size:13px;display:flex;flex-wrap:wrap;gap:0 14px}
.small.quiet,.small:has(>bdi){display:block;overflow-wrap:anywhere}
figure{margin:0 0 8px}figure+figure{margin-top:22px}
.legend{display:flex;flex-wrap:wrap;gap:2px 18px;list-style:none;margin:0 0 6px;padding:0;font-size:13.5px}
.swatch{width:11px;height:11px;margin-right:7px;vertical-align:-1px}
.scroll{overflow-x:auto;direction:rtl}.scroll svg{direction:ltr;display:block;width:100%;min-width:780px;height:auto}
.chart text{font-size:12px;fill:var(--quiet);font-variant-numeric:tabular-nums}
.grid{stroke:var(--grid)}.zero,.month{stroke:var(--quiet);stroke-opacity:.55}.settled{stroke:var(--quiet);stroke-dasharray:3 3}
.cut{stroke:var(--card);stroke-width:3}.hit{fill:transparent}.day:hover .hit{fill:var(--ink);fill-opacity:.07}
.hatch{fill:var(--card);fill-opacity:.75}.open{fill-opacity:.6}.hatch-key{fill:var(--track)}.hatch-line{stroke:var(--quiet);stroke-width:1.4;fill:none}
.p-aws{fill:var(--aws)}.p-azure{fill:var(--azure)}.p-gcp{fill:var(--gcp)}.p-oracle{fill:var(--oracle)}
.p-other-0{fill:var(--o0)}.p-other-1{fill:var(--o1)}.p-other-2{fill:var(--o2)}.p-other-3{fill:var(--o3)}
details{font-size:13.5px;margin-top:6px}summary{cursor:pointer;color:var(--quiet);width:max-content;border-radius:4px}
.tall{max-height:340px;overflow:auto;border:1px solid var(--line);border-radius:8px;margin-top:8px;padding:0 12px}
.wide{overflow-x:auto}.wide+.wide{margin-top:16px}.wide table{table-layout:fixed;min-width:640px}.wide th[scope=row]{white-space:normal;overflow-wrap:anywhere}.wide thead th:last-child{width:26%}
table{border-collapse:collapse;width:100%;font-size:14px}
caption{text-align:left;color:var(--quiet);font-size:13px;padding:4px 0}
th{font-weight:500;text-align:left}td.num,th.num{text-align:right}
th,td{padding:6px 18px 6px 0;border-top:1px solid var(--line);white-space:nowrap}thead th{border-top:0;color:var(--quiet);font-size:13px}
tfoot th,tfoot td{font-weight:600}
.share svg{width:calc(100% - 62px);height:8px;border-radius:4px;vertical-align:0}.share span{display:inline-block;width:56px;text-align:right;font-size:13px;color:var(--quiet)}
.track{fill:var(--track)}
.budgets,.findings{list-style:none;margin:0;padding:0}
.budgets>li,.findings>li{padding:11px 0 12px;border-top:1px solid var(--line)}.budgets>li:first-child,.findings>li:first-child{border-top:0;padding-top:2px}
.findings>li.calm h3,.findings>li.calm strong{font-weight:500;color:var(--quiet)}
.line{display:flex;align-items:center;gap:8px;flex-wrap:wrap;margin-bottom:2px}.line strong{margin-left:auto;font-weight:600}
.pill{display:inline-block;border-radius:99px;padding:1px 9px;font-size:12.5px;white-space:nowrap;background:var(--track);color:var(--ink)}
.pill.good{background:var(--good-bg);color:var(--good)}.pill.warning{background:var(--warning-bg);color:var(--warning)}
.pill.critical{background:var(--critical-bg);color:var(--critical)}.pill.info{background:var(--info-bg);color:var(--info)}
.bar{display:block;width:100%;height:22px;margin:1px 0}
.fill.good{fill:var(--gcp)}.fill.warning{fill:var(--warning-fill)}.fill.critical{fill:var(--critical)}.projected{fill:var(--mark);fill-opacity:.28}
.mark{fill:var(--quiet)}.mark.fired{fill:var(--mark)}
.pairs{list-style:none;margin:6px 0 0;padding:0}.pairs li{display:flex;gap:12px;justify-content:space-between;border-top:1px solid var(--line);padding:4px 0;overflow-wrap:anywhere}
.history{display:block;max-width:100%;height:auto;margin:6px 0 2px}.usual{fill:var(--track)}.unusual{fill:var(--warning-fill)}.range{fill:none;stroke:var(--mark);stroke-width:1.2}
footer{padding-bottom:28px;color:var(--quiet);font-size:13px}a{color:var(--info)}
:focus-visible{outline:2px solid var(--info);outline-offset:2px}
@media (max-width:820px){.two{grid-template-columns:minmax(0,1fr)}header .pill{margin-left:0}section{padding:14px 14px 16px}header,main,footer{padding-left:12px;padding-right:12px}}
@media print{body{background:#fff}section{break-inside:avoid}}
`;
