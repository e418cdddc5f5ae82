"""SQLAlchemy works against the endpoints, with psycopg and with asyncpg, set up as docs/clients.md says."""

from typing import Any

import pytest
from sqlalchemy import Engine, ForeignKey, create_engine, func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import DeclarativeBase, Mapped, Session, mapped_column, relationship

from candlefish.endpoints import Endpoints

pytestmark = pytest.mark.live


class Base(DeclarativeBase):
    """The root of the mapped classes."""


class Author(Base):
    """One author."""

    __tablename__ = "authors"
    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str]
    books: Mapped[list["Book"]] = relationship(cascade="all, delete-orphan")


class Book(Base):
    """One book of one author."""

    __tablename__ = "books"
    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str]
    author_id: Mapped[int] = mapped_column(ForeignKey("authors.id"))


def engine_of(url: str, keeps_statements: bool, **options: Any) -> Engine:
    """Make an engine with psycopg."""
    arguments = {} if keeps_statements else {"prepare_threshold": None}
    return create_engine(
        url.replace("postgresql://", "postgresql+psycopg://", 1), connect_args=arguments, pool_pre_ping=True, **options
    )


def async_engine_of(url: str, keeps_statements: bool, **options: Any) -> AsyncEngine:
    """Make an engine with asyncpg."""
    arguments = {} if keeps_statements else {"statement_cache_size": 0}
    address = url.replace("postgresql://", "postgresql+asyncpg://", 1)
    if not keeps_statements:
        address += "?prepared_statement_cache_size=0"
    return create_async_engine(address, connect_args=arguments, **options)


def write_library(engine: Engine) -> None:
    """Make the tables and write two authors with their books."""
    Base.metadata.create_all(engine)
    with Session(engine) as session, session.begin():
        session.add(Author(name="Ursula", books=[Book(title="The Dispossessed"), Book(title="Lavinia")]))
        session.add(Author(name="Stanislaw", books=[Book(title="Solaris")]))


@pytest.mark.parametrize("endpoint", ["main_url", "session_url"])
def test_the_orm_writes_and_reads_through_main_and_session(
    endpoint: str, database: Endpoints, keeps_statements: bool
) -> None:
    engine = engine_of(getattr(database, endpoint), keeps_statements)
    write_library(engine)
    with Session(engine) as session:
        titles = session.scalars(select(Book.title).join(Author).where(Author.name == "Ursula").order_by(Book.title))
        assert titles.all() == ["Lavinia", "The Dispossessed"]
        session.delete(session.scalars(select(Author).where(Author.name == "Ursula")).one())
        session.commit()
        assert session.scalar(select(func.count()).select_from(Book)) == 1
    engine.dispose()


def test_a_read_engine_reads_from_replicas(database: Endpoints, keeps_statements: bool) -> None:
    engine = engine_of(database.read_url, keeps_statements)
    for _ in range(20):
        with Session(engine) as session:
            assert session.scalar(select(func.pg_is_in_recovery())) is True
    engine.dispose()


def test_the_analytics_endpoint_needs_autocommit(database: Endpoints, keeps_statements: bool) -> None:
    options: dict[str, Any] = {"use_native_hstore": False}
    engine = engine_of(database.analytics_url, keeps_statements, isolation_level="AUTOCOMMIT", **options)
    with engine.connect() as connection:
        assert connection.execute(text("select pg_is_in_recovery()")).scalar() is True
    engine.dispose()
    refused = engine_of(database.analytics_url, keeps_statements, **options)
    with pytest.raises(DBAPIError, match="statement pooling"), refused.connect() as connection:
        connection.execute(text("select 1"))
    refused.dispose()


@pytest.mark.parametrize("endpoint", ["main_url", "session_url"])
async def test_the_async_orm_writes_and_reads_through_main_and_session(
    endpoint: str, database: Endpoints, keeps_statements: bool
) -> None:
    engine = async_engine_of(getattr(database, endpoint), keeps_statements)
    async with engine.begin() as connection:
        await connection.run_sync(Base.metadata.create_all)
    async with AsyncSession(engine) as session, session.begin():
        session.add(Author(name="Ursula", books=[Book(title="Lavinia")]))
    async with AsyncSession(engine) as session:
        assert (await session.scalars(select(Book.title))).all() == ["Lavinia"]
    await engine.dispose()


async def test_an_async_read_engine_reads_from_replicas(database: Endpoints, keeps_statements: bool) -> None:
    engine = async_engine_of(database.read_url, keeps_statements)
    async with AsyncSession(engine) as session:
        assert await session.scalar(select(func.pg_is_in_recovery())) is True
    await engine.dispose()


async def test_the_async_engine_reads_analytics_with_autocommit(database: Endpoints, keeps_statements: bool) -> None:
    engine = async_engine_of(database.analytics_url, keeps_statements, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        assert (await connection.execute(text("select pg_is_in_recovery()"))).scalar() is True
    await engine.dispose()
