"""`candlefish demo` read aloud: up, load, before, optimise while the load runs, warm up, after, after at ten times R."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from candlefish.bench.generator import LoadGenerator
from candlefish.bench.load import OpenLoop
from candlefish.bench.result import Probe, Run
from candlefish.bench.sustained import Search, Sustained, find_sustained_rate
from candlefish.bench.target import Target
from candlefish.demo import facts, targets
from candlefish.demo.ablation import measure_after_parts, measure_before_parts
from candlefish.demo.dataset import load
from candlefish.demo.optimise import measure_optimisation
from candlefish.demo.ownership import claim_database
from candlefish.demo.phases import Clock
from candlefish.demo.result import AblationRow, Dataset, DemoResult
from candlefish.demo.sampler import Samples, Sampler
from candlefish.engines.stack import Stack

Step = Callable[[str], None]
