"""Drawings of our own, for common things that the Noto set lacks: SVG elements for a 128 x 128 box."""

from __future__ import annotations


def _balloon() -> str:
    stripes = "".join(
        f'<path fill="{colour}" d="M64 4C{left} 6 {left} 60 {low} 88H{high}C{right} 60 {right} 6 64 4Z"/>'
        for colour, left, right, low, high in (
            ("#d83a2e", 4, 124, 46, 82),
            ("#f6b73c", 20, 108, 49, 79),
            ("#e9572f", 38, 90, 54, 74),
            ("#fbd568", 53, 75, 60, 68),
        )
    )
    return (
        f'{stripes}<path fill="#fff" opacity=".22" d="M34 24C24 38 26 56 36 70C34 52 36 36 46 22C44 16 38 18 34 24Z"/>'
        '<path fill="none" stroke="#7a5230" stroke-width="1.6" d="M48 88L53 106M80 88L75 106M60 89V106M68 89V106"/>'
        '<path fill="#9a6233" d="M51 105H77L74 122Q64 126 54 122Z"/><path fill="#7c4a22" d="M50 103H78V108H50Z"/>'
        '<path fill="#b97a43" d="M55 111H73L72 115H56Z"/>'
    )


def _flying_bird() -> str:
    return (
        '<path fill="#5a6f8c" d="M58 66C44 40 24 30 4 34C22 42 36 56 46 76Z"/>'
        '<path fill="#8aa0bd" d="M62 66C76 36 98 26 124 32C104 42 92 58 82 78Z"/>'
        '<path fill="#f4f7fb" d="M36 66C52 60 78 62 92 74C104 78 112 84 120 92C108 92 98 92 88 90C70 94 48 88 36 66Z"/>'
        '<path fill="#f4f7fb" d="M50 72C42 58 26 58 22 66C22 76 34 84 52 84Z"/>'
        '<path fill="#f2a33a" d="M23 65L8 70L23 73Z"/><circle cx="31" cy="66" r="2.6" fill="#2b2b30"/>'
        '<path fill="#c9d5e4" d="M56 80C70 90 86 90 100 86C86 96 66 96 50 84Z"/>'
    )


def _table() -> str:
    return (
        '<path fill="#7a4a26" d="M14 58H22L20 120H13ZM106 58H114L115 120H108Z"/>'
        '<path fill="#63391b" d="M28 58H34L33 104H28ZM94 58H100V104H95Z"/>'
        '<path fill="#8a5630" d="M10 52H118V66H10Z"/><path fill="#b9783f" d="M16 40H112L124 54H4Z"/>'
        '<path fill="#d29657" d="M19 41H109L112 45H15Z"/><path fill="#9c6334" d="M4 54H124V58H4Z"/>'
    )


def _windmill() -> str:
    sails = "".join(
        f'<g transform="rotate({angle} 64 46)"><path fill="#6b4a30" d="M62 46L63 2H65L66 46Z"/>'
        '<path fill="#f3e7cf" d="M66 4H80L78 36H66Z"/><path fill="none" stroke="#b99a70" stroke-width="1" '
        'd="M66 12H79.500M66 20H79M66 28H78.500M73 4L72 36"/></g>'
        for angle in (20, 110, 200, 290)
    )
    return (
        '<path fill="#e9d9bd" d="M46 52H82L92 124H36Z"/><path fill="#cdb78f" d="M70 52H82L92 124H74Z"/>'
        '<path fill="#a33f2f" d="M42 54Q64 22 86 54Z"/><path fill="#7f2d22" d="M68 36Q80 40 86 54H70Z"/>'
        '<path fill="#6b4326" d="M57 124V104Q64 94 71 104V124Z"/><path fill="#7fb3c8" d="M59 70H69V82H59Z"/>'
        f'<path fill="#5b7f92" d="M63.300 70H64.700V82H63.300Z"/>{sails}<circle cx="64" cy="46" r="4" fill="#4a3220"/>'
    )


def _street_lamp() -> str:
    return (
        '<path fill="#3b444d" d="M61 34H67L68 116H60Z"/><path fill="#2d353d" d="M52 116H76L80 124H48Z"/>'
        '<path fill="#2d353d" d="M54 28H74L70 36H58Z"/><path fill="#ffe08a" d="M52 8H76L73 28H55Z"/>'
        '<path fill="#fff6cf" d="M58 10H66L65 27H59Z"/><path fill="#2d353d" d="M50 8Q64 -4 78 8Z"/>'
        '<path fill="#4d5862" d="M57 60H71V64H57Z"/>'
    )


def _fence() -> str:
    pickets = "".join(
        f'<path fill="#f4efe4" d="M{x} 48L{x + 7} 38L{x + 14} 48V112H{x}Z"/>'
        f'<path fill="#d8cfbc" d="M{x + 10} 43L{x + 14} 48V112H{x + 10}Z"/>'
        for x in range(4, 112, 21)
    )
    return f'<path fill="#d9d0bd" d="M2 60H126V68H2ZM2 90H126V98H2Z"/>{pickets}'


def _bench() -> str:
    return (
        '<path fill="#3f474f" d="M18 40H24L26 112H19ZM104 40H110L109 112H102ZM12 84H34V88H12ZM94 84H116V88H94Z"/>'
        '<path fill="#a8683a" d="M8 42H120V51H8ZM8 56H120V65H8Z"/><path fill="#c07c47" d="M4 76H124V84H4Z"/>'
        '<path fill="#8a5129" d="M4 84H124V88H4Z"/>'
    )


def _bridge() -> str:
    arches = "".join(f"M{x} 112V92A15 15 0 0 1 {x + 30} 92V112Z" for x in (8, 49, 90))
    stones = "".join(f"M{x} 64h10v4h-10Z" for x in range(6, 120, 17))
    return (
        f'<path fill="#b3a48e" fill-rule="evenodd" d="M0 112V62Q64 36 128 62V112Z{arches}"/>'
        f'<path fill="#9a8b76" d="{stones}M22 76h10v4h-10ZM98 76h10v4h-10ZM60 70h10v4h-10Z"/>'
        '<path fill="none" stroke="#8a7b66" stroke-width="3" d="M0 66Q64 40 128 66"/>'
        '<path fill="#c9bca6" d="M0 54Q64 28 128 54V62Q64 36 0 62Z"/>'
        '<path fill="#8a7b66" d="M38 112V92h11v20ZM79 112V92h11v20Z"/>'
    )


def _pyramid() -> str:
    rows = "".join(f"M{64 - (y - 20) * 0.72:.1f} {y}H{64 + (y - 20) * 0.45:.1f}" for y in range(36, 112, 13))
    return (
        '<path fill="#e9c87c" d="M64 20L2 112H86Z"/><path fill="#c29a52" d="M64 20L86 112H126Z"/>'
        f'<path fill="none" stroke="#d0aa60" stroke-width="1.4" d="{rows}"/>'
        '<path fill="#f6dfa4" d="M64 20L53 36H68Z"/><path fill="#6b4f26" d="M38 112V100H48V112Z"/>'
    )


GLYPHS = {
    "own-bridge": _bridge(),
    "own-pyramid": _pyramid(),
    "own-hot-air-balloon": _balloon(),
    "own-flying-bird": _flying_bird(),
    "own-table": _table(),
    "own-windmill": _windmill(),
    "own-street-lamp": _street_lamp(),
    "own-fence": _fence(),
    "own-bench": _bench(),
}
