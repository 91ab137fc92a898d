"""Units: what each measures, and how many of the base unit it is."""

from __future__ import annotations

from decimal import Decimal

_TABLE = """
power: W 1; mW 0.001; kW 1e3; MW 1e6; GW 1e9; TW 1e12; hp 745.699872; PS 735.49875
energy: J 1; kJ 1e3; MJ 1e6; GJ 1e9; Wh 3600; kWh 3.6e6; MWh 3.6e9; GWh 3.6e12; TWh 3.6e15; cal 4.184; kcal 4184
length: m 1; mm 0.001; cm 0.01; dm 0.1; km 1000; µm 1e-6; μm 1e-6; nm 1e-9; in 0.0254; ft 0.3048; yd 0.9144
length: mi 1609.344; nmi 1852; ly 9.4607e15; AU 1.495978707e11
mass: kg 1; g 0.001; mg 1e-6; µg 1e-9; t 1000; lb 0.45359237; lbs 0.45359237; oz 0.028349523125
time: s 1; second 1; ms 0.001; µs 1e-6; ns 1e-9; min 60; minute 60; h 3600; hour 3600; d 86400; day 86400; week 604800
span: month 1; year 12; decade 120; century 1200
data: B 1; kB 1e3; KB 1e3; MB 1e6; GB 1e9; TB 1e12; PB 1e15; KiB 1024; MiB 1048576; GiB 1073741824; TiB 1099511627776
data: bit 0.125; bits 0.125; Mbit 125000; Gbit 1.25e8
data rate: kbps 1e3; Mbps 1e6; Gbps 1e9
area: m² 1; km² 1e6; cm² 1e-4; ha 1e4; acre 4046.8564224; mi² 2589988.110336; ft² 0.09290304
volume: m³ 1; km³ 1e9; cm³ 1e-6; l 0.001; L 0.001; ml 1e-6; mL 1e-6; hl 0.1; gal 0.003785411784
speed: m/s 1; km/h 0.277777777777777777777777778; mph 0.44704; kn 0.514444444444444444444444444
frequency: Hz 1; kHz 1e3; MHz 1e6; GHz 1e9
pressure: Pa 1; hPa 100; kPa 1e3; MPa 1e6; bar 1e5; mbar 100
voltage: V 1; kV 1e3
current: A 1; mA 0.001
force: N 1; kN 1e3
share: % 1; ‰ 0.1; ppm 0.0001; ppb 1e-7
"""
_FACTORS: dict[str, tuple[str, Decimal]] = {
    entry.split()[0]: (line.split(":")[0], Decimal(entry.split()[1]))
    for line in _TABLE.strip().split("\n")
    for entry in line.split(":", 1)[1].split(";")
}
_MONEY = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₽": "RUB", "₩": "KRW", "₿": "BTC"}
_CURRENCIES = frozenset({*_MONEY.values(), "CHF", "CNY", "ETH"})


def in_base(value: Decimal, unit: str) -> tuple[str, Decimal]:
    """What `unit` measures (its dimension), and `value` in the base unit of that dimension.

    Temperatures are in °C. Each currency is a dimension of its own, since no rate is known;
    so is a unit that stands in no table. Months and years are not converted to days.
    """
    if unit in _FACTORS:
        dimension, factor = _FACTORS[unit]
        return dimension, value * factor
    if unit in ("°C", "K", "°F"):
        return "temperature", _celsius(value, unit)
    if unit in _MONEY or unit in _CURRENCIES:
        return f"money {_MONEY.get(unit, unit)}", value
    return unit, value


def _celsius(value: Decimal, unit: str) -> Decimal:
    if unit == "°C":
        return value
    return value - Decimal("273.15") if unit == "K" else (value - 32) * 5 / 9
