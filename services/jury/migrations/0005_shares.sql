-- Shares of reading: who of the jury reads which dossiers before the commission.

-- One row, the lock of everything that moves shares. 0: nobody has distributed them yet.
create table reading (
    single              boolean primary key default true check (single),
    readers_per_dossier integer not null default 0 check (readers_per_dossier between 0 and 10)
);
insert into reading default values;

-- Whoever no longer reads stays known by their label: they may have given opinions.
create table readers (
    subject text    primary key,
    label   text    not null,
    reads   boolean not null
);
create table shares (
    dossier_id  uuid        not null references candidatures,
    reader      text        not null references readers,
    assigned_at timestamptz not null,
    primary key (dossier_id, reader)
);
create index shares_reader on shares (reader);

create table conflicts (
    dossier_id  uuid        not null references candidatures,
    subject     text        not null,
    reason      text        not null,
    declared_at timestamptz not null,
    primary key (dossier_id, subject)
);
create function conflicted_do_not_read() returns trigger language plpgsql as $$
begin
    if exists (select from conflicts where dossier_id = new.dossier_id and subject = new.reader) then
        raise exception '% declared a conflict with dossier %', new.reader, new.dossier_id;
    end if;
    return new;
end
$$;
create trigger conflicted_do_not_read before insert on shares for each row execute function conflicted_do_not_read();
