-- What the process that hears has heard without a gap: a subject that is not here is heard from the stream's beginning.
-- Written at each start of a delivery, so that an older version that takes over, and passes by what it does not know,
-- has a newer one begin again.
create table platform.heard (
    consumer text not null,
    subject  text not null,
    primary key (consumer, subject)
);
