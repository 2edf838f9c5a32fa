-- What an act covers, as it was prepared: what the second person is shown, and what the minutes print of a correction.
-- In the shape of commands::Covered.
alter table acts add column covered jsonb not null default '{}';
