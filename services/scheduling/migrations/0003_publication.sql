-- When what is under embargo may be shown (R19). Each confirmation by a second person releases the decisions signed
-- until then; the calendar's instant is needed besides.
create table publications (
    confirmed_at timestamptz primary key,
    publish_at   timestamptz not null
);

-- Whether the instant's effect has run here: before, it will announce every convocation; after, each change announces
-- itself. Locked before any school and any candidate, shared by commands and exclusively by what announces.
create table announcement (
    single         boolean primary key default true check (single),
    results_out_at timestamptz
);
insert into announcement default values;
