-- A session that nobody finished, and what became an object and never a piece, do not stay for good: such a session is
-- first closed, and its bytes and rows go once no request that knew it open can still be under way.
alter table uploads add column abandoned_at timestamptz;
alter table uploads add constraint a_piece_is_never_abandoned check (abandoned_at is null or committed_at is null);
create index uploads_unfinished on uploads (begun_at) where committed_at is null;
