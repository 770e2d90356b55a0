"""Sites and duplexes by plain string work, slow and simple, to compare with."""

import numpy as np

SITE_COLUMNS = (
    "site_confirmed_15",
    "sites_around_15",
    "site_confirmed_60",
    "sites_around_60",
    "same_site_confirmed",
)
WATSON_CRICK = {("A", "U"), ("U", "A"), ("G", "C"), ("C", "G")}
WOBBLE = {("G", "U"), ("U", "G")}


def reverse_complement(rna: str) -> str:
    """Letters other than A, C, G, U have no complement: ``?`` equals nothing."""
    return "".join({"A": "U", "U": "A", "G": "C", "C": "G"}.get(letter, "?") for letter in reversed(rna))


def target_letter(target: str, at: int, circular: bool) -> str:
    if circular:
        return target[at % len(target)]
    return target[at] if 0 <= at < len(target) else "-"


def naive_sites(target: str, mirna: str, circular: bool) -> list[tuple[str, int, int]]:
    """Return (type, start, window) of each site, by comparing strings place by place."""
    if circular and len(target) < 8:
        return []
    mirna = mirna[:8].ljust(8, "-")
    sites = []
    for window in range(len(target)) if circular else range(-1, len(target)):
        word = "".join(target_letter(target, window + i, circular) for i in range(8))
        site = naive_type(word, mirna)
        if site:
            start = window + 1 if site in ("7mer-A1", "6mer") else window
            sites.append((site, start % len(target), window))
    return sites


def naive_type(word: str, mirna: str) -> str | None:
    adenine = word[7] == "A"
    if word[:7] == reverse_complement(mirna[1:8]):
        return "8mer" if adenine else "7mer-m8"
    if word[1:7] == reverse_complement(mirna[1:7]):
        return "7mer-A1" if adenine else "6mer"
    if word[:6] == reverse_complement(mirna[2:8]):
        return "offset-6mer"
    facing = list(zip(word[:7], reversed(mirna[1:8]), strict=True))
    if all(pair in WATSON_CRICK | WOBBLE for pair in facing):
        return "seed-GU"
    mismatches = [place for place, pair in enumerate(facing) if pair not in WATSON_CRICK]
    if len(mismatches) == 1 and 0 < mismatches[0] < 6:
        return "seed-mismatch"
    return None


def upstream_letters(target: str, window: int, circular: bool) -> str:
    """Return the target from the letter opposite to nucleotide 8 towards its 5' end, read 3' to 5'."""
    n_letters = len(target) - 7 if circular else window + 1
    return "".join(target_letter(target, window - i, circular) for i in range(n_letters))


def pair_score(target: str, mirna: str, nucleotide: int) -> int:
    score = 5 if (target, mirna) in WATSON_CRICK else 1 if (target, mirna) in WOBBLE else -3
    return 4 * score if 2 <= nucleotide <= 8 else score


def naive_duplex_score(target: str, window: int, mirna: str, circular: bool) -> int:
    """Score from the best start among nucleotides 1 to 7, by the plain recursion of affine gaps."""
    seed = [pair_score(target_letter(target, window + 8 - n, circular), mirna[n - 1], n) for n in range(1, 8)]
    upstream = upstream_letters(target, window, circular)[: len(mirna) - 7 + 8]
    best = max(sum(seed[first:]) for first in range(7))
    above = [best, *(best - 9 - 4 * k for k in range(len(upstream)))]
    gaps = [-1000] * len(above)  # that end in a letter of the miRNA, by column
    for i, m in enumerate(mirna[7:], start=8):
        gaps = [max(a - 9, g - 4) for a, g in zip(above, gaps, strict=True)]
        row, gap = [gaps[0]], -1000
        for j, t in enumerate(upstream, start=1):
            gap = max(row[-1] - 9, gap - 4)
            row.append(max(above[j - 1] + pair_score(t, m, i), gaps[j], gap))
        best, above = max(best, *row), row
    return best


def best_free_score(target: str, mirna: str) -> int:
    """Score the best piece of an alignment that may start and end anywhere, or 0."""
    table = np.full((3, len(mirna) + 1, len(target) + 1), -1e6)
    for i, m in enumerate(mirna, start=1):
        for j, t in enumerate(target, start=1):
            table[0, i, j] = max(0, table[:, i - 1, j - 1].max()) + pair_score(t, m, i)
            table[1, i, j] = max(table[0, i - 1, j] - 9, table[1, i - 1, j] - 4)
            table[2, i, j] = max(table[0, i, j - 1] - 9, table[2, i, j - 1] - 4)
    return max(0, table[0].max())


def written_score(target: str, bars: str, mirna: str, nucleotide: int) -> int:
    """Score a written alignment from this nucleotide of the miRNA on, and check its bars."""
    score, before = 0, None
    for letter, bar, other in zip(target, bars, mirna, strict=True):
        gap = "target" if letter == "-" else "mirna" if other == "-" else None
        if gap:
            score -= 4 if gap == before else 9
            assert bar == " "
        else:
            score += pair_score(letter, other, nucleotide)
            pair = letter, other
            assert bar == ("|" if pair in WATSON_CRICK else ":" if pair in WOBBLE else " ")
        nucleotide += other != "-"
        before = gap
    return score


def naive_supplementary(target: str, window: int, mirna: str, circular: bool) -> int:
    """Return the longest piece of nucleotides 12 to 17 that is a perfect match, loops within 2."""
    upstream = upstream_letters(target, window, circular)
    longest = 0
    for first in range(12, 18):
        for last in range(first, min(17, len(mirna)) + 1):
            for offset in range(-2, 3):
                piece = upstream[first - 8 + offset : last - 7 + offset]
                if piece[::-1] == reverse_complement(mirna[first - 1 : last]):
                    longest = max(longest, last - first + 1)
    return longest


def naive_local_au(target: str, start: int, length: int, circular: bool) -> float:
    flank = min(30, len(target) - length) if circular else 30
    weights, au = 0.0, 0.0
    for distance in range(1, flank + 1):
        for at in (start - distance, start + length - 1 + distance):
            letter = target_letter(target, at, circular)
            if letter != "-":
                weights += 1 / (1 + distance)
                au += (letter in "AU") / (1 + distance)
    return au / weights if weights else 0.0


def share(near, known, average):
    return (near + 0.5 * average) / (known + 0.5)


def windows_by_hand(circrna, mirna, circular=True):
    """Return where the letters opposite to nucleotides 8 to 2 start."""
    if len(mirna) < 8 or len(circrna) < (8 if circular else 7):
        return []
    word = reverse_complement(mirna[1:8])
    letters = circrna + circrna[:6] if circular else circrna
    return [start for start in range(len(letters) - 6) if letters.startswith(word, start)]


def copies_by_hand(circrna, window, own, circrnas, circular):
    """Return where else the 16 letters around a window stand, and the window itself in a training RNA."""
    start = window - 4
    if not circular:
        start = max(min(start, len(circrna) - 16), 0)
    word = "".join(target_letter(circrna, start + i, circular) for i in range(16))
    copies = []
    if len(circrna) >= 16 and set(word) <= set("ACGU"):
        for number, rna in enumerate(circrnas):
            text = rna + rna[:15] if circular else rna
            if number != own and len(rna) >= 16:
                copies += [
                    (number, at + window - start) for at in range(len(text) - 15) if text.startswith(word, at)
                ]
    return copies + ([(own, window)] if own >= 0 else [])


def read_sites_by_hand(pair, own, circrnas, mirnas, adjacency, used, circular):
    known = [
        (i, j, window)
        for i in used[0]
        for j in used[1]
        for window in windows_by_hand(circrnas[i], mirnas[j], circular)
    ]
    average = (sum(adjacency[i, j] for i, j, _ in known) + 0.5) / (len(known) + 1)
    best = dict.fromkeys(("15", "60", "same"), (np.nan, np.nan))
    for window in windows_by_hand(*pair, circular):
        sums = {kind: [0.0, 0.0] for kind in best}
        for number, at in copies_by_hand(pair[0], window, own[0], circrnas, circular):
            for i, j, other in known:
                distance = abs(other - at)
                if circular:
                    distance %= len(circrnas[number])
                    distance = min(distance, len(circrnas[number]) - distance)
                if i != number or distance > 180:
                    continue
                weights = {width: np.exp(-0.5 * (distance / int(width)) ** 2) for width in ("15", "60")}
                if j == own[1]:
                    weights = {"same": 1.0} if distance == 0 and i != own[0] else {}
                for kind, weight in weights.items():
                    sums[kind][0] += weight * adjacency[i, j]
                    sums[kind][1] += weight
        for kind, (near, weight) in sums.items():
            if weight > 0 and not share(near, weight, average) < best[kind][0]:
                best[kind] = share(near, weight, average), weight
    return [*best["15"], *best["60"], best["same"][0]]
