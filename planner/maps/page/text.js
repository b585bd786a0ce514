// Words of the page in Chinese and English, and how figures are written.

const LANGUAGES = ["zh", "en"];
let language = 0;

const WORDS = {
  both: ["两网", "All networks"],
  outdoor: ["室外连续", "Outdoor"],
  deep: ["深度覆盖", "Deep"],
  compare: ["对比", "Compare"],
  sheet: ["图纸", "Sheet"],
  other_language: ["EN", "中文"],
  synthetic: ["合成数据", "SYNTHETIC DATA"],
  internal: ["内部讨论用图，未经地图审核", "Internal discussion only, not a reviewed map"],
  osm_short: ["© OpenStreetMap 贡献者（ODbL）", "© OpenStreetMap contributors (ODbL)"],
  osm: ["道路与范围 © OpenStreetMap 贡献者（ODbL）", "Roads and areas © OpenStreetMap contributors (ODbL)"],
  search: ["查找 名称 / 规划编号 / 经纬度", "Find name / station id / coordinates"],
  datum: ["坐标系", "Datum"],
  zoom_in: ["放大", "Zoom in"],
  zoom_out: ["缩小", "Zoom out"],
  home: ["全区", "Whole district"],
  measure: ["量距", "Measure"],
  graticule: ["经纬网", "Graticule"],
  legend: ["图例", "Legend"],
  map: ["地图", "Map"],
  inset: ["主城区", "Main urban area"],
  stations: ["基站", "Stations"],
  sites: ["站址", "Sites"],
  per_10k: ["每万人", "Per 10,000"],
  cost: ["累计投资", "Investment"],
  layers_pass: ["图层达标", "Layers pass"],
  road_share: ["干线覆盖", "Trunk roads"],
  longest: ["最长缺口", "Longest gap"],
  holes: ["空洞", "Holes"],
  unit_station: ["站", ""],
  unit_site: ["处", ""],
  unit_yi: ["亿元", "¥100M"],
  unit_wan: ["万元", "¥10k"],
  layer_table: ["图层达标", "Layers"],
  layer: ["图层", "Layer"],
  pass: ["达标", "pass"],
  not_asked: ["不要求", "not asked"],
  short_share: ["欠", "−"],
  short_gap: ["缺", "gap "],
  short_hole: ["空洞", "holes "],
  from_count: ["自 {0} 站起达标", "passes from {0}"],
  never_passes: ["候选内不能达标", "never passes"],
  tab_gaps: ["缺口与空洞", "Gaps, holes"],
  tab_towns: ["镇街任务", "Towns"],
  tab_why: ["选址理由", "Why here"],
  tab_review: ["审阅", "Review"],
  tab_compare: ["方案对比", "Compare"],
  kind: ["类型", "Kind"],
  place: ["位置", "Place"],
  network: ["网络", "Network"],
  size: ["大小", "Size"],
  road_gap: ["干线缺口", "Road gap"],
  hole: ["空洞", "Hole"],
  section: ["{0} {1}段", "{0} near {1}"],
  gaps_line: ["超限缺口 {0} 处；另有 {1} 处不超限；空洞 {2} 个。点行定位。", "{0} gaps over the limit; {1} within it; {2} holes. Click a row to go there."],
  none_over: ["没有超限的缺口或空洞。", "No gap or hole over the limit."],
  more_rows: ["另有 {0} 行", "{0} more rows"],
  town: ["镇（街道）", "Town"],
  now: ["现状", "Now"],
  retrofit: ["其中改造", "Retrofit"],
  total: ["累计", "Total"],
  sum: ["合计", "Sum"],
  shown: ["当前 {0}", "At {0}"],
  town_estimate: ["镇街按最近驻地估计。", "Towns by nearest seat: an estimate."],
  choose_station: ["点击基站看其选址理由，点击地面看由谁覆盖。", "Click a station to see why it is there, or the ground to see what serves it."],
  rank: ["次序", "Rank"],
  rank_value: ["第 {0} 站 · {1}", "No. {0} · {1}"],
  state: ["状态", "State"],
  open: ["已开通", "open"],
  retrofitted: ["已改造未开通", "retrofitted"],
  candidate: ["规划", "planned"],
  build: ["建设方式", "Build type"],
  coordinates: ["经纬度", "Coordinates"],
  scene: ["场景", "Scene"],
  height: ["挂高", "Height"],
  station_cost: ["投资", "Cost"],
  data_basis: ["数据性质", "Basis"],
  gain_title: ["开通时新增（占图层本网覆盖）", "Adds at its rank (of the layer's own coverage)"],
  loss_title: ["若取消（全部建成后）", "Without it (when all is built)"],
  nothing: ["无", "nothing"],
  road_added: ["干线新增 {0} m", "adds {0} m of trunk road"],
  closes: ["补上 {0}", "closes {0}"],
  alternatives: ["可替代", "Could stand in"],
  alternatives_help: ["补回：末期因缺本站而失去的价值中，由该候选站补回的比例", "regains: the share of the value lost without this station, when all is built, that the candidate brings back"],
  regains: ["距 {0} m，补回 {1}%", "{0} m away, regains {1}%"],
  on_air: ["已开通，无需替代", "nobody needs to, it is on air"],
  nothing_lost: ["全部建成后取消本站没有损失，无需替代", "nobody needs to, nothing is lost when all is built"],
  none_regains: ["没有可补回的候选站", "no candidate regains anything"],
  siting: ["选址核查", "Siting check"],
  exposure: ["电磁环境", "Exposure"],
  exposure_value: ["主瓣达标距离 {0} m（限值 {1} W/m²），地面为限值的 {2} 倍", "{0} m on the beam axis (limit {1} W/m²), {2} of the limit on the ground"],
  airport_cap: ["机场限高", "Airport cap"],
  azimuths: ["方位角", "Azimuths"],
  azimuths_listed: ["按站址表所列", "as listed"],
  serves_first: ["橙色格为本站首先覆盖处", "Orange cells are first served by this station"],
  ground: ["地面", "Ground"],
  belongs: ["所属图层", "Layers here"],
  no_demand: ["此处不在五类图层内", "No demand of the layers here"],
  rsrp_at: ["{0} dBm（{1} 站时，室外中值）", "{0} dBm (at {1} stations, median outdoors)"],
  unheard: ["收不到（{0} 站时）", "nothing heard (at {0} stations)"],
  served_from: ["第 {0} 站起，由 {1} 首先覆盖", "from {0} on, first by {1}"],
  never_served: ["本方案不覆盖", "not served by this plan"],
  accept: ["✓ 同意", "✓ Accept"],
  object: ["✕ 反对…", "✕ Object…"],
  propose: ["→ 移位…", "→ Move…"],
  comment: ["… 意见", "… Comment"],
  kind_accept: ["同意", "accept"],
  kind_object: ["反对", "object"],
  kind_propose: ["建议位置", "propose"],
  kind_comment: ["意见", "comment"],
  reason: ["原因", "Reason"],
  note: ["说明", "Note"],
  save: ["保存", "Save"],
  cancel: ["取消", "Cancel"],
  remove: ["删除", "Delete"],
  reviewer: ["审阅人", "Reviewer"],
  download_marks: ["存为文件", "Save as file"],
  open_marks: ["并入文件…", "Merge files…"],
  propose_place: ["建议站点", "Propose a place"],
  comment_place: ["意见（地点）", "Comment on a place"],
  comment_area: ["意见（区域）", "Comment on an area"],
  area_hint: ["逐点点击区域边界；双击或回车结束，退格删去末点，Esc 取消。键盘：方向键移图，空格在图中心落点", "Click corner after corner; double click or Enter ends, Backspace takes the last one back, Esc cancels. By keys: arrows pan, Space sets a corner at the middle"],
  area_so_far: ["{0} 个角点，{1} 公顷；双击或回车结束", "{0} corners, {1} ha; double click or Enter ends"],
  area_few: ["区域至少要三个角点", "An area needs three corners"],
  area_most: ["区域至多 {0} 个角点", "An area has at most {0} corners"],
  area_crossed: ["边界自相交，请用退格删去角点后重画", "The boundary crosses itself: take corners back with Backspace"],
  area_size: ["区域 {0} 公顷，方案在此 {1} 站", "Area of {0} ha, stations of the plan here {1}"],
  click_place: ["请在地图上点一处", "Click a place on the map"],
  marks_none: ["还没有意见。点基站可同意、反对、移位；也可建议站点或对某处写意见。", "No marks yet. Click a station to accept, object or move; or propose a place."],
  marks_count: ["{0} 条意见，存于本机浏览器；存为文件可交回。", "{0} marks, kept in this browser; save as a file to hand them in."],
  marks_merged: ["并入 {0} 条，已有 {1} 条，不可用 {2} 条", "{0} merged, {1} known already, {2} unusable"],
  marks_other_plan: ["该文件属于另一方案，仍按地点并入", "The file is of another plan; merged by place"],
  marks_unreadable: ["无法读取该文件", "The file cannot be read"],
  storage_off: ["浏览器不允许本机保存，请及时存为文件", "The browser keeps nothing: save as a file in time"],
  play: ["▶ 演示", "▶ Play"],
  stop: ["■ 停止", "■ Stop"],
  slider: ["基站数", "Number of stations"],
  curve_worst: ["{0} 最差面层", "{0} worst area"],
  curve_road: ["{0} 干线", "{0} roads"],
  curve_all: ["加权总覆盖", "All, weighted"],
  curve_bound: ["已证上界", "Proven bound"],
  year_pace: ["年份按线性进度", "years: linear pace"],
  compare_with: ["与", "With"],
  compare_count: ["同一方案 {0} 站", "This plan at {0}"],
  compare_stop: ["结束对比", "End"],
  left_side: ["左", "Left"],
  swipe: ["左右分界", "Divider"],
  only_left: ["仅左方案 ✕", "Only left ✕"],
  only_right: ["仅右方案 ＋", "Only right +"],
  retimed: ["调期 ◇", "Re-timed ◇"],
  retimed_legend: ["调期，实心一侧较早", "Re-timed, earlier on the solid side"],
  moved: ["移位 →", "Moved →"],
  moved_rule: ["移位：编号不变而位置改变，或同网同频的撤站与新站相距不超过 {0} m。", "Moved: same id at another place, or a station gone and a new one of its network and band within {0} m."],
  moved_told: ["移位：按反馈意见。", "Moved: as the answers told."],
  common: ["相同", "Same"],
  difference: ["差", "Difference"],
  indicator: ["指标", "Indicator"],
  full_both: ["两网均覆盖", "Both networks"],
  full_all: ["各网均覆盖", "All networks"],
  part_both: ["仅部分网络覆盖", "Not all networks"],
  full_one: ["已覆盖", "Served"],
  full_deep: ["室内覆盖", "Indoors"],
  part_deep: ["仅室外覆盖", "Outdoors only"],
  unserved: ["应覆盖未覆盖", "Wanted, not served"],
  road_served: ["干线已覆盖", "Road served"],
  gap_over: ["干线缺口（超限）", "Gap over limit"],
  gap_within: ["干线未覆盖（限内）", "Gap within limit"],
  open_planned: ["{0} 已开通 / 规划", "{0} open / planned"],
  retrofit_symbol: ["已改造待开通", "Retrofitted, not open"],
  wedges: ["扇区", "Sectors"],
  first_server: ["首服务站分区", "First-server areas"],
  candidates: ["候选站址", "Candidate sites"],
  siting_flag: ["需核查站点", "Siting flags"],
  boundary: ["区界", "Boundary"],
  layer_outline: ["图层范围", "Layer outline"],
  planned_park: ["规划园区", "Planned park"],
  keep_out: ["禁建区", "No building"],
  water: ["河流", "Water"],
  other_road: ["其他道路", "Other road"],
  north: ["北", "N"],
  print_title: ["打印图纸", "Print a sheet"],
  paper: ["纸张", "Paper"],
  scale: ["比例尺", "Scale"],
  print_now: ["打印", "Print"],
  close: ["关闭", "Close"],
  sheet_number: ["图号", "Sheet"],
  main_figures: ["主要指标", "Main indicators"],
  curve_title: ["覆盖率与站数", "Coverage and stations"],
  towns_title: ["镇街任务（站）", "Towns (stations)"],
  longest_gaps: ["最长缺口", "Longest gaps"],
  compiled_by: ["编制单位", "Compiled by"],
  compiled_on: ["编制日期", "Date"],
  data_until: ["资料截止", "Data as of"],
  crs_scale: ["坐标系 / 比例尺", "Datum / scale"],
  data_nature: ["数据性质", "Nature of data"],
  secrecy: ["密级", "Secrecy"],
  review_number: ["审图号", "Review no."],
  partly_synthetic: ["含合成数据", "partly synthetic data"],
  real_data: ["实际数据", "as read"],
  layers_and_data: ["数据与口径", "Data and definitions"],
  rule_road: ["线≥{0}%且缺口≤{1} m", "lines ≥ {0}%, gaps ≤ {1} m"],
  rule_area: ["面≥{0}%且无空洞", "areas ≥ {0}%, no hole"],
  defines: ["基站＝一网一频段在一站址的逻辑站；站址＝地点。合成数据由规则生成，并非实况。", "A station is one network's station in one band at one site. Synthetic data is made by rule and is not the real state."],
  keys: ["键：←→ 1 站，PgUp/PgDn 50，[ ] 换期，空格 演示，n 网络，l 等级，c 对比，/ 查找", "Keys: ←→ 1, PgUp/PgDn 50, [ ] phases, space play, n network, l level, c compare, / search"],
  found_none: ["没有找到", "Nothing found"],
  distance: ["距离 {0}", "Distance {0}"],
  measure_hint: ["逐点点击，双击或 Esc 结束", "Click points; double click or Esc ends"],
  spoken: ["{0} 站，{1}。图层达标 {2}。", "{0} stations, {1}. Layers passing {2}."],
  hectare: ["公顷", "ha"],
  skip: ["跳到数据面板", "Skip to the figures"],
};

const BUILD_TYPES = {
  retrofit: ["改造", "retrofit"],
  co_location: ["共址", "co-location"],
  new_roof: ["新建楼面", "new roof"],
  new_pole: ["新建杆站", "new pole"],
  new_tower: ["新建铁塔", "new tower"],
};
const SCENES = {
  "dense-urban": ["密集市区", "dense urban"],
  urban: ["一般市区", "urban"],
  township: ["乡镇", "township"],
  industrial: ["工业园区", "industrial"],
  rural: ["农村", "rural"],
};
const VERDICTS = {
  "通过": ["通过", "pass"],
  "需核算": ["需核算", "to be calculated"],
  "需征求意见": ["需征求意见", "to be consulted on"],
  "禁止": ["禁止", "forbidden"],
};
const BASES = { evidence: ["有据", "evidence"], estimate: ["估计", "estimate"], synthetic: ["合成数据", "synthetic"] };

function t(key, ...values) {
  return fill(WORDS[key][language], values);
}

function fill(text, values) {
  return text.replace(/\{(\d)\}/g, (_, place) => values[place]);
}

// a pair [Chinese, English] of the data; English may be blank
function label(pair) {
  return pair[language] || pair[0];
}

function named(table, key) {
  return Object.prototype.hasOwnProperty.call(table, key) ? table[key][language] : key;
}

function percent(share, digits = 1) {
  return (100 * share).toFixed(digits);
}

function metres(value) {
  return value >= 10000 ? `${(value / 1000).toFixed(1)} km` : `${Math.round(value)} m`;
}

function short(pair) {
  return label(pair).replace(/[（(].*$/, "").replace(/^China /, "").replace(/ and /, "-").replace("电信联通", "电联");
}

// elements: attributes set one by one, text only through textContent

function el(tag, attributes, ...children) {
  const node = document.createElement(tag);
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

function svg(tag, attributes, ...children) {
  const node = document.createElementNS("http://www.w3.org/2000/svg", tag);
  setAttributes(node, attributes);
  append(node, children);
  return node;
}

function setAttributes(node, attributes) {
  for (const [name, value] of Object.entries(attributes || {})) {
    if (name === "word") sayWord(node, value);
    else if (name === "title_word") sayTitle(node, value);
    else if (typeof value === "function") node.addEventListener(name, value);
    else if (value !== null && value !== false) node.setAttribute(name, value === true ? "" : value);
  }
}

function append(node, children) {
  for (const child of children.flat(Infinity)) {
    if (child !== null && child !== undefined) node.append(child);
  }
}

function sayWord(node, key) {
  node.dataset.word = key;
  node.textContent = t(key);
}

function sayTitle(node, key) {
  node.dataset.titleWord = key;
  node.setAttribute("aria-label", t(key));
  if (node.tagName === "BUTTON") node.title = t(key);
}

function translateAll() {
  document.documentElement.lang = language ? "en" : "zh-CN";
  document.querySelectorAll("[data-word]").forEach((node) => sayWord(node, node.dataset.word));
  document.querySelectorAll("[data-title-word]").forEach((node) => sayTitle(node, node.dataset.titleWord));
}

function replace(node, ...children) {
  node.textContent = "";
  append(node, children);
}
