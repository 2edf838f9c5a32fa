-- What an answer gave up, as its receipt said: the receipt can be shown again when the answer no longer stands (R30).
alter table history add column gives_up text[] not null default '{}';
