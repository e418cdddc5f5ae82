"""What AWS may bill besides, and why it has no line."""

from collections.abc import Iterator

from candlefish.cost.model import Snapshot, Unpriced
from candlefish.spec.model import Spec


def list_unpriced(spec: Spec, snapshot: Snapshot) -> Iterator[Unpriced]:
    """Give what a spec's bill leaves out."""
    if (copy := spec.aws.backup_copy_region) is not None:
        yield Unpriced(
            f"storage of the backups in {copy}",
            f"{spec.usage.backup_copy_gb:g} GB at that region's price, which those of {snapshot.region} don't hold",
        )
    yield Unpriced("support plans, taxes, private discounts", "they belong to the account, not to the estate")
    yield Unpriced("data out to the internet", "the tier sends none; what users download is the application's")
    yield Unpriced("tasks that autoscaling adds", "they follow the load: each costs as much an hour as those shown")
    yield Unpriced("alarms that target tracking makes for itself", "two for each scaling policy, 0.10 USD each")
    yield Unpriced("the application's own servers and storage", _application(spec))
    yield Unpriced(
        "requests to S3, CloudWatch queries, Logs Insights, DNS queries", "cents, and only when somebody asks"
    )
    yield Unpriced("requests to KMS", "20,000 a month are free, and a secret is decrypted only when it has changed")
    yield Unpriced(
        "AWS Backup's own charge for a restore test", "no price of it was found; the restored database is in the bill"
    )
    yield Unpriced("extended support for PostgreSQL 15", "charged from March 2028 on; the module does not enrol in it")
    if spec.aws.vpc_id is not None:
        yield Unpriced("the way to AWS of the given VPC", "endpoints or NAT gateways there are its owner's")
    yield Unpriced("work", "of those who run it; an estimate that counts none for either side compares no estates")


def _application(spec: Spec) -> str:
    if spec.application.enabled:
        return "its tasks, its balancer and its images are in the bill; its own buckets, queues and domains are not"
    return "[application] is off: it runs elsewhere, and pays for itself there"
