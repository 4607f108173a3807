"""The sections of the evaluation page."""

from models.compare.baselines.prompted import EARLIER, LIMIT_TOKENS, RETRIEVED
from models.compare.confidence import Area, Working
from models.compare.prompting import Contest
from models.compare.study import Study
from models.compare.summary import Latency, Summary
from models.compare.tables import optional, percent, rare, share, table


def _times(value: Latency) -> str:
    return f"{value.p50_ms:.0f} / {value.p95_ms:.0f}"


def _asked_rows(ours: Summary) -> list[tuple[str, str]]:
    if not ours.asked.k:
        return []
    return [
        ("exact, were every question answered yes", share(ours.exact_if_confirmed)),
        ("lines answered with a question because the plan is unsure", share(ours.asked)),
    ]


def scores_part(study: Study) -> str:
    """All scores of the main set."""
    ours = study.ours
    scores = table(
        ("", "% (95 % interval)"),
        [
            ("exact: names, arguments and references as labelled", share(ours.exact)),
            *_asked_rows(ours),
            ("isomorphic: names and references", share(ours.isomorphic)),
            ("function: names alone", share(ours.function)),
            ("lines to be refused that are refused", share(ours.refusal_correct)),
            ("commands wrongly refused or asked back", share(ours.wrong_refusal)),
            ("**opposite or unwanted action**", rare(ours.unwanted)),
        ],
    )
    return f"""## Other scores

Of the set `{study.made.main_set}`, of which the rest of this page is, too.

{scores}"""


def costs_part(study: Study) -> str:
    """Time, size and memory."""
    ours, footprint = study.ours, study.footprint
    costs = table(
        ("", "p50 / p95 or value"),
        [
            ("time per line, all, ms", _times(ours.latency)),
            ("time per line, single calls, ms", _times(ours.latency_single)),
            *((f"time per line, {s.title[0].lower()}{s.title[1:]}, ms", _times(s.ours.latency)) for s in study.sets),
            ("first token, ms", _times(ours.first_token)),
            ("tokens in / out, mean", f"{ours.tokens_in:.1f} / {ours.tokens_out:.1f}"),
            ("model file, MB", study.made.model_mb),
            ("loading with one warming sentence, ms", f"{footprint.load_ms:.0f}"),
            ("peak resident memory of the process, MiB", optional(footprint.peak_mib, 0)),
            ("of which Python and its packages before loading, MiB", optional(footprint.before_mib, 0)),
        ],
    )
    return f"""## Time and memory

{costs}

Model time, one sentence at a time, warm, without an answer cache. Load time and memory are those of a fresh process."""


def mistakes_part(study: Study) -> str:
    rows = [(m.wanted, m.got, m.lines) for m in study.ours.mistakes]
    body = table(("wanted", "got", "lines"), rows) if rows else "None."
    return f"""## Functions mistaken for others

Pairs that occur; `nothing` on the left is a call too many, on the right one that is missing. Right functions with wrong
arguments are not in this table.

{body}"""


def word_errors_part(study: Study, image: str) -> str:
    rows = [
        (
            level.name, f"{percent(level.rate)}", percent(level.word_errors), percent(level.exact),
            f"{percent(level.exact_range[0])}-{percent(level.exact_range[1])}", percent(level.function),
            percent(level.unwanted), percent(level.refused),
        )
        for level in sorted(study.levels, key=lambda level: level.rate)
    ]  # fmt: skip
    head = (
        "",
        "word errors asked for, %",
        "made, %",
        "exact, %",
        "of the seeds",
        "function, %",
        "unwanted, %",
        "empty, %",
    )
    return f"""## Word errors

![Exact plans and unwanted actions by word error rate]({image})

The same sentences with recogniser-like errors: 70 % of them a word or two that sound alike (CMU pronouncing dictionary,
closer and more frequent ones likelier), 20 % a word lost, 10 % a short word too many.
Words of names and messages are hit as well, and their labels stay, so that no planner could be exact on all of these
lines; *function* is the fairer column. The errors are random, not those of one recogniser. Training data hold misheard
words as well, some found in the same dictionary, though by other code, other rules and in other sentences: the planner
is not a stranger to this kind of error.

{table(head, rows)}"""


def _area(area: Area) -> str:
    if area.auc is None or area.low is None or area.high is None:
        return f"not defined ({area.positives} against {area.negatives})"
    return f"{area.auc:.2f} ({area.low:.2f}-{area.high:.2f}; {area.positives} against {area.negatives} lines)"


def _working(work: Working) -> tuple[str, str, str]:
    asked = f"{work.asked} of {work.right} = {percent(work.asked / work.right) if work.right else '-'} %"
    return (f"{work.threshold:.3f}", asked, f"{work.left} of {work.unwanted}")


def confidence_part(study: Study, image: str) -> str:
    trust = study.trust
    kind = "a calibrated probability" if study.made.calibrated else "the least probability of any choice, uncalibrated"
    rows = list(dict.fromkeys(_working(work) for work in trust.working))
    if trust.in_use is not None:
        below, asked, left = _working(trust.in_use)
        rows.append((f"in use (up to {below})", asked, left))
    used = "" if trust.in_use else " The planner itself asks about nothing on this set."
    body = table(("asks below", "right commands asked about, at most", "unwanted actions left"), rows)
    return f"""## Confidence

![Exactness by coverage, and unwanted actions by questions]({image})

The planner's confidence is {kind}. Left: when only the surest lines are answered, how many of these are exact. Right:
when unsure actions are asked about first, how many unwanted ones are still done and how many right ones are asked
about in vain; the dot is the point in use. Over the lines of all sets. Area under the ROC curve (0.5 = worthless,
1 = perfect), exact against not: {_area(trust.exact_or_not)}; right against unwanted actions:
{_area(trust.unwanted_or_right)}. Thresholds were chosen on the same lines, so the table is what is possible, not what
is promised.{used}

{body}"""


def _contest_rows(contest: Contest) -> list[tuple[object, ...]]:
    return [
        (
            who, contest.title, pair.exact.n, share(pair.exact), share(pair.function), rare(pair.unwanted),
            f"{pair.tokens_in:.1f} / {pair.tokens_out:.1f}", _times(pair.latency),
        )
        for who, pair in (("this planner", contest.ours), ("base model, prompted", contest.theirs))
    ]  # fmt: skip


def prompted_part(study: Study) -> str:
    found = study.prompting
    head = ("", "lines", "n", "exact, %", "function, %", "unwanted, %", "tokens in / out", "ms, p50 / p95")
    body = table(head, [row for contest in found.contests for row in _contest_rows(contest)])
    factors = "; ".join(
        f"{c.title.lower()}: {c.factor:.1f} times as long by the median, ours reads {percent(c.context_share)} % of "
        "its tokens"
        for c in found.contests
    )
    peak = optional(found.footprint.peak_mib, 0)
    return f"""## Against the base model with a prompt

Gemma 3 270M (Q4_K_M, {found.file_mb:.0f} MB), un-pruned and un-tuned, on evenly chosen lines of the sets (it is slow):
{RETRIEVED} functions retrieved by TF-IDF (character 3-5-grams) over the catalogue's descriptions, one worked example,
these functions with their parameters, the last {EARLIER} turns of the conversation with its own answers, the sentence;
greedy until a newline or {LIMIT_TOKENS} tokens, read leniently, nothing kept between lines. On the same lines:
{factors}.

{body}

Of the single calls the wanted function was among the {RETRIEVED} retrieved in {share(found.retrieved)} %, and was then
named, whatever its arguments, in {share(found.named)} %. Its process peaks at {peak} MiB
({optional(found.footprint.before_mib, 0)} before loading; scikit-learn for the retrieval is part of it).
It is a base model of 270M parameters: a larger one, or one
tuned to follow instructions, would be more accurate and slower. The comparison shows what the same model costs and can
do without training, not what prompting can do at best; it cannot write plans of several calls in this prompt."""


def _summary_row(name: str, summary: Summary) -> tuple[object, ...]:
    by_title = {s.title: s for s in summary.slices}
    single, plans = by_title.get("single call"), by_title.get("plans (several + nested)")
    return (
        name, share(summary.exact), share(single.exact) if single else "-", share(plans.exact) if plans else "-",
        share(summary.function), share(summary.refusal_correct), share(summary.wrong_refusal), rare(summary.unwanted),
        _times(summary.latency),
    )  # fmt: skip


def baselines_part(study: Study) -> str:
    head = ("", "exact, %", "single call", "plans", "function, %", "refused rightly, %", "refused wrongly, %",
            "unwanted, %", "ms, p50 / p95")  # fmt: skip
    rows = [_summary_row(s.name, s) for s in (study.ours, *study.baselines)]
    return f"""## Against simpler methods

{table(head, rows)}

*Nearest training line*: TF-IDF (word 1-2-grams, character 3-5-grams) over the {study.neighbours} training lines with
their slots filled once; the label of the nearest one, its refusal included. A free-text slot is read again between its
neighbouring words, a number when both sides have one number; times and telephone numbers are not, and lines are not put
together. It shows how much of the task is remembering.

*Sentence templates*: [hassil](https://github.com/OHF-Voice/hassil), {study.templates} templates for all
{study.made.functions} functions (`models/compare/hassil/`), written from the catalogue and the conventions alone,
about a day's work; a sentence that fits nothing is cut at "and" and "then". No match is a refusal. More templates would
match more: this is a fair beginning, not the limit of the method."""
