-- A plain double-entry ledger: what a platform has instead. Exactly once by id, balances that cannot go below zero but
-- for the budgets, an entry for every movement. No proofs of anything.

CREATE TABLE accounts (
  id      bigint PRIMARY KEY,
  balance bigint NOT NULL,
  CHECK (balance >= 0 OR id < 64)
) WITH (fillfactor = 70);

CREATE TABLE entries (
  id      uuid PRIMARY KEY,
  debit   bigint NOT NULL,
  credit  bigint NOT NULL,
  amount  bigint NOT NULL CHECK (amount > 0),
  at      timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX entries_debit ON entries (debit, at);
CREATE INDEX entries_credit ON entries (credit, at);

CREATE FUNCTION transfer(tx uuid, from_account bigint, to_account bigint, points bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO entries (id, debit, credit, amount) VALUES (tx, from_account, to_account, points);
  UPDATE accounts SET balance = balance - points WHERE id = from_account;
  UPDATE accounts SET balance = balance + points WHERE id = to_account;
END $$;

-- The members of each batch, drawn beforehand like those of the ledger's.
CREATE TABLE batches (number int PRIMARY KEY, members bigint[] NOT NULL);

-- One call a transfer, all of a batch in one transaction.
CREATE FUNCTION transfer_each(batch int, budget bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  member bigint;
BEGIN
  FOREACH member IN ARRAY (SELECT members FROM batches WHERE number = batch) LOOP
    PERFORM transfer(gen_random_uuid(), budget, member, 10);
  END LOOP;
END $$;

-- The best that it can do: a batch in three statements, each account's row changed once.
CREATE FUNCTION transfer_batch(batch int, budget bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  list bigint[];
BEGIN
  SELECT members INTO list FROM batches WHERE number = batch;
  INSERT INTO entries (id, debit, credit, amount) SELECT gen_random_uuid(), budget, member, 10 FROM unnest(list) AS member;
  -- In one order, so that callers wait for each other and never in a circle.
  PERFORM 1 FROM accounts WHERE id = budget OR id = ANY (list) ORDER BY id FOR UPDATE;
  UPDATE accounts SET balance = balance + gained.points
    FROM (SELECT member, 10 * count(*) AS points FROM unnest(list) AS member GROUP BY member) AS gained
    WHERE id = gained.member;
  UPDATE accounts SET balance = balance - 10 * cardinality(list) WHERE id = budget;
END $$;
