"""Metrics of CloudWatch as an alarm needs to know them: the unit, the statistics that say something, the dimensions.

Sources: AWS, "Amazon CloudWatch instance-level metrics for Amazon RDS"; "Metrics for Valkey and Redis OSS" and
"Host-level metrics" of ElastiCache; "CloudWatch metrics for your Network Load Balancer" and "... Application Load
Balancer"; "Available CloudWatch metrics for Amazon SQS"; "Amazon ECS CloudWatch metrics".
`candlefish/pgbouncer` is what candlefish.pooler publishes.
"""

from dataclasses import dataclass
from typing import Literal

Unit = Literal["percent", "seconds", "milliseconds", "bytes", "count", "events", "other"]
"""`count` is a level (connections), `events` are counted over the period (evictions)."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric; `dimensions` are those without which an alarm never sees a value."""

    unit: Unit
    dimensions: tuple[str, ...]


_UNITS: dict[str, dict[Unit, str]] = {
    "AWS/RDS": {
        "percent": "CPUUtilization BurstBalance EBSByteBalance% EBSIOBalance%",
        "seconds": "ReplicaLag CheckpointLag ReadLatency WriteLatency ReadLatencyLogVolume WriteLatencyLogVolume",
        "bytes": (
            "FreeStorageSpace FreeStorageSpaceLogVolume FreeableMemory SwapUsage OldestReplicationSlotLag "
            "OldestLogicalReplicationSlotLag ReplicationSlotDiskUsage TransactionLogsDiskUsage"
        ),
        "count": (
            "DatabaseConnections DiskQueueDepth MaximumUsedTransactionIDs CPUCreditBalance CPUSurplusCreditBalance "
            "DBLoad DBLoadCPU DBLoadNonCPU"
        ),
        "events": "CPUCreditUsage",
        "other": (
            "ReadIOPS WriteIOPS ReadThroughput WriteThroughput NetworkReceiveThroughput NetworkTransmitThroughput "
            "TransactionLogsGeneration"
        ),
    },
    "AWS/ElastiCache": {
        "percent": (
            "CPUUtilization EngineCPUUtilization DatabaseMemoryUsagePercentage DatabaseCapacityUsagePercentage "
            "DatabaseMemoryUsageCountedForEvictPercentage DatabaseCapacityUsageCountedForEvictPercentage"
        ),
        "seconds": "ReplicationLag",
        "bytes": "BytesUsedForCache FreeableMemory SwapUsage",
        "count": "CurrConnections CurrItems CurrVolatileItems CPUCreditBalance",
        "events": (
            "CacheHits CacheMisses Evictions Reclaimed NewConnections AuthenticationFailures "
            "CommandAuthorizationFailures KeyAuthorizationFailures ChannelAuthorizationFailures "
            "NetworkBandwidthInAllowanceExceeded NetworkBandwidthOutAllowanceExceeded "
            "NetworkPacketsPerSecondAllowanceExceeded NetworkConntrackAllowanceExceeded ErrorCount"
        ),
        "other": (
            "CacheHitRate MemoryFragmentationRatio IsMaster IsPrimary MasterLinkHealthStatus PrimaryLinkHealthStatus "
            "SaveInProgress ReplicationBytes NetworkBytesIn NetworkBytesOut TrafficManagementActive "
            "SuccessfulReadRequestLatency SuccessfulWriteRequestLatency GetTypeCmds GetTypeCmdsLatency SetTypeCmds "
            "SetTypeCmdsLatency StringBasedCmdsLatency"
        ),
    },
    "AWS/NetworkELB": {
        "count": "HealthyHostCount UnHealthyHostCount ActiveFlowCount ActiveFlowCount_TCP PeakPacketsPerSecond",
        "events": (
            "NewFlowCount NewFlowCount_TCP TCP_Client_Reset_Count TCP_Target_Reset_Count TCP_ELB_Reset_Count "
            "PortAllocationErrorCount RejectedFlowCount RejectedFlowCount_TCP"
        ),
        "other": "ConsumedLCUs ConsumedLCUs_TCP ProcessedBytes ProcessedBytes_TCP ProcessedPackets",
    },
    "AWS/ApplicationELB": {
        "seconds": "TargetResponseTime",
        "count": "HealthyHostCount UnHealthyHostCount ActiveConnectionCount",
        "events": (
            "RequestCount RequestCountPerTarget HTTPCode_ELB_3XX_Count HTTPCode_ELB_4XX_Count HTTPCode_ELB_5XX_Count "
            "HTTPCode_Target_2XX_Count HTTPCode_Target_3XX_Count HTTPCode_Target_4XX_Count HTTPCode_Target_5XX_Count "
            "TargetConnectionErrorCount RejectedConnectionCount NewConnectionCount ClientTLSNegotiationErrorCount"
        ),
        "other": "ConsumedLCUs ProcessedBytes",
    },
    "AWS/SQS": {
        "seconds": "ApproximateAgeOfOldestMessage",
        "count": (
            "ApproximateNumberOfMessagesVisible ApproximateNumberOfMessagesNotVisible "
            "ApproximateNumberOfMessagesDelayed"
        ),
        "events": "NumberOfMessagesSent NumberOfMessagesReceived NumberOfMessagesDeleted NumberOfEmptyReceives",
    },
    "AWS/ECS": {"percent": "CPUUtilization MemoryUtilization"},
    "candlefish/pgbouncer": {
        "milliseconds": "QueryTime WaitTime",
        "count": "WaitingClients ClientConnections ServerConnections",
    },
}

_DIMENSIONS = {
    "AWS/RDS": ("DBInstanceIdentifier",),
    "AWS/ElastiCache": ("CacheClusterId",),
    "AWS/NetworkELB": ("LoadBalancer",),
    "AWS/ApplicationELB": ("LoadBalancer",),
    "AWS/SQS": ("QueueName",),
    "AWS/ECS": ("ClusterName",),
    "candlefish/pgbouncer": ("Tier",),
}

_OF_TARGETS = ("HealthyHostCount", "UnHealthyHostCount")
"""Published for a target group only."""

METRICS: dict[tuple[str, str], Metric] = {
    (namespace, name): Metric(unit, (*_DIMENSIONS[namespace], *(("TargetGroup",) if name in _OF_TARGETS else ())))
    for namespace, units in _UNITS.items()
    for unit, names in units.items()
    for name in names.split()
}
NAMESPACES = frozenset(_UNITS)

_LEVELS = ("Average", "Minimum", "Maximum")
STATISTICS: dict[Unit, tuple[str, ...]] = {
    "percent": _LEVELS,
    "seconds": _LEVELS,
    "milliseconds": _LEVELS,
    "bytes": _LEVELS,
    "count": _LEVELS,
    "events": ("Sum",),
    "other": (*_LEVELS, "Sum"),
}
"""What says something of each unit; percentiles (p95) do so of all but events."""

BOUNDS: dict[Unit, tuple[float, float]] = {
    "percent": (1, 100),
    "seconds": (0.001, 300),
    "milliseconds": (1, 3_600_000),
    "bytes": (1024**2, 1024**5),
}
"""Where a threshold can lie that is in the metric's own unit. A lag of 1,000 is one in milliseconds, 0.8 percent is a
ratio, 10 bytes are gigabytes."""
