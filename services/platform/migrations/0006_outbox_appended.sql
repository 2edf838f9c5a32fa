-- When a row was appended, by PostgreSQL's clock: how long the oldest one has waited for the broker is what an alert
-- goes by, and `time` cannot say it, which dates the fact. Empty in rows of an earlier version, so that none is rewritten.
alter table platform.outbox add column appended_at timestamptz;
alter table platform.outbox alter column appended_at set default clock_timestamp();
