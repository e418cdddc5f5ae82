"""When passwords are replaced: a cron expression that comes as often as is declared, to a day or two.

EventBridge Scheduler starts a schedule of the form rate(90 days) with a run at once, when there is no image yet and no
role in the database; a start date would have to be in the future again at every change ("Schedule types").
"""

from candlefish.spec.model import Spec

HOUR = 9
"""UTC: outside of the windows in which RDS and ElastiCache back up and mend, and somebody is at work to hear of it."""

MONTHS = (12, 6, 4, 3, 2, 1)
"""Parts of a year, so that the last step of a year is as long as the others."""

DAYS_OF_MONTH = 30


def schedule_rotation(spec: Spec) -> tuple[str, str]:
    """Return the cron expression, and the reason."""
    days = spec.aws.rotation_days
    months = next((months for months in MONTHS if months * DAYS_OF_MONTH <= days), 0)
    if months:
        every = f"every {months} months" if months > 1 else "every month"
        return f"cron(0 {HOUR} 1 1/{months} ? *)", f"{days} days declared: on the first day, {every}"
    return f"cron(0 {HOUR} 1/{days} * ? *)", f"{days} days declared: counted from the first of each month"
