"""Two SQLAlchemy engines, one that writes and one that reads from the replicas.

candlefish up
eval "$(candlefish env)"
python examples/sqlalchemy_pools.py
"""

import os

from sqlalchemy import Column, Engine, Integer, MetaData, Table, Text, create_engine, func, insert, select


def make_engine(variable: str) -> Engine:
    """PgBouncer shares the connections of all processes, so an engine's own pool may stay small."""
    url = os.environ[variable].replace("postgresql://", "postgresql+psycopg://", 1)
    return create_engine(url, pool_size=5, pool_pre_ping=True)


write = make_engine("CANDLEFISH_MAIN_URL")
read = make_engine("CANDLEFISH_READ_URL")
words = Table("example_words", MetaData(), Column("id", Integer, primary_key=True), Column("word", Text))

with write.begin() as connection:
    words.create(connection, checkfirst=True)
    connection.execute(insert(words), [{"word": "candle"}, {"word": "fish"}])

with write.connect() as connection:
    print("on the primary:", connection.execute(select(func.count()).select_from(words)).scalar())

with read.connect() as connection:
    print("answered by a replica:", connection.execute(select(func.pg_is_in_recovery())).scalar())

with write.begin() as connection:
    words.drop(connection)
