"""What the columns and marks of a study's tables are called on the page."""

from __future__ import annotations

from allocator.text import Text

COLUMNS = {
    "code": Text("代码", "Code"),
    "county": Text("旗县", "County"),
    "prefecture": Text("盟市", "Prefecture"),
    "amount": Text("金额", "Amount"),
    "value": Text("取值", "Value"),
    "present": Text("现值", "Now"),
    "status": Text("状态", "Status"),
    "rules": Text("起作用的规则", "Rules that bind"),
    "rule": Text("规则", "Rule"),
    "parameter": Text("参数", "Parameter"),
    "lever": Text("项目", "Item"),
    "kind": Text("类别", "Kind"),
    "side": Text("方向", "Side"),
    "money_moved": Text("调剂金额", "Money moved"),
    "counties_up": Text("增加的旗县", "Counties up"),
    "counties_down": Text("减少的旗县", "Counties down"),
    "counties_same": Text("不变的旗县", "Unchanged"),
    "counties": Text("旗县数", "Counties"),
    "largest_county": Text("变动最大的旗县", "Moves most"),
    "largest_change": Text("最大变动", "Largest change"),
    "moved_from_formula": Text("偏离公式的资金", "Moved from the formula"),
    "largest_departure": Text("最大偏离", "Largest departure"),
    "knee": Text("拐点", "Knee"),
    "binding": Text("是否起作用", "Binds"),
    "binds_beyond": Text("起作用的界限", "Binds beyond"),
    "binds_confirmed": Text("起作用的界限已验证", "Binding confirmed"),
    "impossibility": Text("是否会无解", "Can be impossible"),
    "possible_up_to": Text("有解的界限", "Possible up to"),
    "possible_confirmed": Text("有解的界限已验证", "Possible confirmed"),
    "p05": Text("5% 分位", "5th percentile"),
    "p50": Text("中位数", "Median"),
    "p95": Text("95% 分位", "95th percentile"),
    "probability_more_than_last_year": Text("多于上年的概率", "Chance of more than last year"),
    "rank_p05": Text("名次 5% 分位", "Rank, 5th percentile"),
    "rank_p95": Text("名次 95% 分位", "Rank, 95th percentile"),
    "group": Text("一组因素", "Group of causes"),
    "first_order": Text("一阶指数", "First order"),
    "first_order_band": Text("误差", "Band"),
    "total": Text("总指数", "Total"),
    "total_band": Text("误差", "Band"),
    "samples_used": Text("有效样本", "Samples used"),
    "stage": Text("阶段", "Stage"),
    "level": Text("层级", "Level"),
    "name": Text("名称", "Name"),
    "measure": Text("指标", "Measure"),
    "before": Text("原来", "Before"),
    "after": Text("现在", "After"),
    "change": Text("变动", "Change"),
    "relative_change": Text("变动幅度", "Relative change"),
}
"""Column of a CSV → heading."""

MARKS = {
    "solved": Text("有解", "solved"),
    "infeasible": Text("无解", "impossible"),
    "failed": Text("未解出", "not solved"),
    "low": Text("降", "lowered"),
    "high": Text("升", "raised"),
    "weight": Text("权重", "weight"),
    "parameter": Text("参数", "parameter"),
    "budget": Text("预算", "budget"),
    "column": Text("数据", "data"),
    "binds": Text("影响总额", "shapes totals"),
    "free": Text("不影响总额", "shapes no total"),
    "from": Text("会", "yes"),
    "never": Text("不会", "never"),
    "always": Text("总会", "always"),
    "unknown": Text("不明", "unknown"),
    "all": Text("全部", "all"),
    "county": Text("旗县", "county"),
    "prefecture": Text("盟市", "prefecture"),
    "group": Text("分组", "group"),
    "formula": Text("按公式", "by the formula"),
    "after_rules": Text("按规则后", "after the rules"),
    "gini": Text("基尼系数", "Gini"),
    "theil": Text("泰尔指数", "Theil"),
    "theil_within": Text("泰尔指数，盟市内", "Theil within"),
    "theil_between": Text("泰尔指数，盟市间", "Theil between"),
    "per_head": Text("人均", "per head"),
}
"""Mark in a cell → word, in the columns below."""
MARKED = {"status", "side", "kind", "present", "binding", "impossibility", "level", "stage", "measure"}
YES_OR_NO = {"0": Text("否", "no"), "1": Text("是", "yes")}
FLAGS = {"binds_confirmed", "possible_confirmed"}
"""What an edge between two solved values was found to be."""
FRONTIER_FLAGS = {"knee", "present"}
"""Columns that mark a few points of a frontier; the others stay blank."""
SETTINGS = {"value", "present", "binds_beyond", "possible_up_to"}
"""Columns that say what a lever is set to."""
CHANCES = {"probability_more_than_last_year", "largest_departure", "relative_change"}
"""Ratios that are shown as percentages."""
LEFT_OUT = {"path", "title_zh", "title_en", "largest_code", "reason", "samples", "against", "rules"}
"""Columns for machines."""
