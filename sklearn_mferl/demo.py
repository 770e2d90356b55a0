"""The main job on real data, in a minute: ``python -m sklearn_mferl.demo``."""

import argparse
import textwrap
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from sklearn_mferl.baselines import DegreeProduct, PathCount, SeedCount, SVDFactorizer, has_seed_match
from sklearn_mferl.datasets import CMIData, load_example, save_cmi
from sklearn_mferl.evaluation import CrossValidation, cross_validate_pairs
from sklearn_mferl.inspection import explain
from sklearn_mferl.model_selection import labelled_pairs
from sklearn_mferl.pipeline import make_mferl_pipeline
from sklearn_mferl.plotting import new_axes, plot_precision_recall, plot_reliability, plot_roc
from sklearn_mferl.ranking import rank_interactions
from sklearn_mferl.saving import save_model

SEED: Final = 0
TOP: Final = 20
MODEL: Final = "default model"
_TITLES: Final = {"pair": "new pairs of known RNAs", "circrna": "circRNAs that training has not seen"}
_LABELS: Final = (
    "What the labels are: this list of pairs was made with target prediction, or filtered by it, so all "
    "figures below say how well a model agrees with the list, not how often it is right about an "
    "interaction. Negatives are pairs that nobody has reported, not pairs shown not to interact."
)
_MODELS: Final = (
    "The default model is a network on the two RNAs, and a network and boosted trees on evidence for the "
    "pair: its target sites, and the known interactions around it. The seed count reads the sites alone, the "
    "other three the known interactions alone: of a circRNA that has none they know nothing. A model is "
    "worth what it adds to them. f1 is at the score 0.5."
)


def run_demo(out: Path, *, longest: int = 500, n_splits: int = 3) -> None:
    """Cross-validate on the example, train, rank and explain; print tables and leave files."""
    start = time.perf_counter(), time.process_time()
    out.mkdir(parents=True, exist_ok=True)
    data = load_example(longest)
    save_cmi(data, out / "data")
    pairs, y = labelled_pairs(data.pairs, random_state=SEED)
    _say(_LABELS)
    _describe(data, longest, pairs, y)

    model = make_mferl_pipeline(data.circrna, data.mirna, random_state=SEED)
    results = _cross_validate(model, data, pairs, y, n_splits)
    metrics = pd.concat([each.figures.assign(split=split) for split, each in results.items()])
    metrics.to_csv(out / "metrics.csv", index=False)
    _draw(out, results)

    model.fit(pairs, y)
    save_model(model, out / "model.mferl")
    ranking = rank_interactions(model, top_k=TOP, known=data.pairs)
    ranking["seed_match"] = has_seed_match(ranking, data.circrna, data.mirna)
    ranking.to_csv(out / "ranking.csv", index=False)
    print(f"Trained on all pairs: the first {len(ranking)} of the pairs that are not on the list")
    shown = ranking.assign(seed_match=ranking["seed_match"].map({True: "yes", False: "no"}))
    print(shown.to_string(index=False, float_format="{:.4f}".format), "\n")
    _explain(out, model, ranking[:1])

    print(f"\nAll of it is in {out.resolve()}:")
    for path in sorted(path for path in out.rglob("*") if path.is_file()):
        print(f"  {path.relative_to(out).as_posix()}")
    seconds, processor = time.perf_counter() - start[0], time.process_time() - start[1]
    print(f"Done in {seconds:.0f} s ({processor:.0f} s of processor time).")


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the demo from the command line."""
    parser = argparse.ArgumentParser(description="The main job of sklearn_mferl on real data.")
    parser.add_argument("--out", type=Path, default=Path("demo-output"), help="folder for the files")
    run_demo(parser.parse_args(arguments).out)


def _describe(data: CMIData, longest: int, pairs: pd.DataFrame, y: NDArray[np.int64]) -> None:
    matches = has_seed_match(pairs, data.circrna, data.mirna)
    _say(
        f"The data are those of load_example(longest={longest}), real pairs of starBase: "
        f"{len(data.pairs):,} known interactions of {len(data.circrna or ()):,} circRNAs and "
        f"{len(data.mirna or ()):,} miRNAs, and as many sampled negatives. Of the known interactions "
        f"{matches[y == 1].mean():.0%} have a match of the miRNA's seed, of the negatives "
        f"{matches[y == 0].mean():.0%}."
    )


def _cross_validate(
    model: Any, data: CMIData, pairs: pd.DataFrame, y: NDArray[np.int64], n_splits: int
) -> dict[str, CrossValidation]:
    """Compare the model with simple scores on either split, and print what was found."""
    models = {
        MODEL: model,
        "seed count": SeedCount(data.circrna, data.mirna),
        "path count": PathCount(),
        "degree product": DegreeProduct(),
        "svd factors": SVDFactorizer(random_state=SEED),
    }
    results = {}
    for split, title in _TITLES.items():
        results[split] = cross_validate_pairs(
            models, pairs, y, split=split, n_splits=n_splits, random_state=SEED, progress=True
        )
        print(f"{n_splits}-fold cross-validation on {title} (mean ± sd)")
        print(results[split].summary()[["auc", "aupr", "f1"]].rename_axis(None).to_string(), "\n")
    _say(_MODELS)
    return results


def _say(paragraph: str) -> None:
    print(textwrap.fill(paragraph, 100), "\n")


def _explain(out: Path, model: Any, pair: pd.DataFrame) -> None:
    """Say what the score of a pair is made of, and draw it."""
    explanation = explain(model, pair, by="family", random_state=SEED)
    explanation.plot(0).savefig(out / "explanation.png")
    row = explanation.pair(0)
    shares = row[list(explanation.players)].astype(float)
    shares = shares[shares.abs().sort_values(ascending=False).index]
    print(f"Why {row['circrna']} and {row['mirna']} come first: log-odds {row['logit']:+.2f} are the sum of")
    print(f"  {row['base']:+.2f} for any pair")
    for name, share in shares.items():
        print(f"  {share:+.2f} {name}")


def _draw(out: Path, results: dict[str, CrossValidation]) -> None:
    for split, result in results.items():
        left, right = new_axes(2)
        plot_roc(result.by_fold(), ax=left)
        plot_precision_recall(result.by_fold(), ax=right)
        left.figure.suptitle(f"Example of starBase, cross-validation on {_TITLES[split]}")
        left.figure.savefig(out / f"curves-{split}.png")
    scores = results["pair"].scores
    ax = new_axes()
    plot_reliability(scores["label"], scores[MODEL], ax=ax)
    ax.set_title("Example of starBase, probabilities of test pairs")
    ax.figure.savefig(out / "reliability.png")


if __name__ == "__main__":
    main()
