"""The answer: what the search and the trial found, as recommendations."""

from collections.abc import Iterator

from candlefish.advise.advice import Advice, Recommendation, Withheld
from candlefish.advise.catalog.model import Catalog
from candlefish.advise.index.candidates.patterns import wants_trigrams
from candlefish.advise.index.definition import Index
from candlefish.advise.index.extension import TRIGRAMS
from candlefish.advise.index.recommend import Proof, recommend
from candlefish.advise.index.search import Found
from candlefish.advise.index.size import estimate_size_bytes
from candlefish.advise.lab.model import Lab
from candlefish.advise.lints.result import LintResult
from candlefish.advise.proof.trial import Trial
from candlefish.advise.statements import Skipped, Workload


def make_answer(
    catalog: Catalog,
    workload: Workload,
    found: Found,
    lab: Lab | None,
    trial: Trial | None,
    lints: LintResult,
    left_out: tuple[str, ...],
    seconds: float,
) -> Advice:
    """Return the whole answer."""
    if lab is None or trial is None:
        recommendations = [_estimated(index, catalog) for index in found.chosen]
        withheld: list[Withheld] = []
    else:
        recommendations = [_measured(index, lab, trial, catalog) for index in trial.judgement.kept]
        withheld = [
            Withheld(index.render(), reason, effects, trial.prices.get(index))
            for index, (reason, effects) in trial.judgement.sent_back.items()
        ]
        withheld += [Withheld(index.render(), f"PostgreSQL refused it: {why}") for index, why in trial.refused.items()]
    return Advice(
        database=catalog.database,
        server_version=_version(catalog.server_version),
        source=workload.source,
        statements=len(workload.statements),
        recommendations=(
            *sorted(recommendations, key=lambda one: (-one.saved_ms_per_hour, one.name)),
            *lints.drops,
        ),
        withheld=tuple(withheld),
        findings=lints.findings,
        regressions=trial.judgement.regressions if trial is not None else (),
        skipped=(*workload.skipped, *found.problem.skipped, *_never_run(trial)),
        left_out=(
            *left_out,
            *_trigrams_missing(found, catalog, is_tried=trial is not None),
            *(lab.left_out if lab is not None else ()),
        ),
        before_cost=found.before_cost,
        after_cost=found.after_cost,
        before_ms=_hourly(trial, before=True),
        after_ms=_hourly(trial, before=False),
        seconds=seconds,
        lab=lab.label if lab is not None else "",
        lab_version=_version(lab.server_version) if lab is not None else "",
        counts={
            "candidates": len(found.problem.candidates),
            "plans": found.asked,
            "built": len(trial.built) if trial else 0,
        },
    )


def _version(number: int) -> str:
    return f"{number // 10000}.{number % 10000}"


def _never_run(trial: Trial | None) -> Iterator[Skipped]:
    for text, reason in trial.failed.items() if trial is not None else ():
        yield Skipped(text, f"it could be planned but not run: {reason}")


def _trigrams_missing(found: Found, catalog: Catalog, *, is_tried: bool) -> Iterator[str]:
    """Say how many statements could use pg_trgm, where it is not installed and could not be tried."""
    is_available = TRIGRAMS in catalog.available_extensions
    if TRIGRAMS in catalog.extensions or (is_tried and is_available):
        return
    number = sum(any(map(wants_trigrams, accesses)) for accesses in found.problem.accesses.values())
    way = (
        "`CREATE EXTENSION pg_trgm`, or have it tried in a lab"
        if is_available
        else "the server has no pg_trgm (contrib)"
    )
    if number:
        yield (
            f"{number} statement{'s look' if number > 1 else ' looks'} for a part of a text, which only a trigram"
            f" index finds: {way}"
        )


def _hourly(trial: Trial | None, *, before: bool) -> float | None:
    if trial is None:
        return None
    runs = trial.judgement.before if before else trial.judgement.after
    return sum(trial.judgement.calls[name] * run.ms for name, run in runs.items())


def _measured(index: Index, lab: Lab, trial: Trial, catalog: Catalog) -> Recommendation:
    built = trial.built[index]
    return recommend(
        index,
        Proof(
            size_bytes=round(built.size_bytes / lab.ratio(index.table)),
            confidence="high" if lab.ratio(index.table) >= 1 else "medium",
            measured=True,
            effects=trial.judgement.kept[index],
            price=trial.prices.get(index),
            build_s=built.build_s,
        ),
        catalog,
    )


def _estimated(index: Index, catalog: Catalog) -> Recommendation:
    size = estimate_size_bytes(index, catalog.tables[index.table])
    return recommend(index, Proof(size_bytes=size, confidence="low", measured=False), catalog)
