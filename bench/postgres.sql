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

CREATE FUNCTION transfer_batch(batch int, budget bigint) RETURNS void
LANGUAGE plpgsql AS $$
DECLARE
  member bigint;
BEGIN
  FOREACH member IN ARRAY (SELECT members FROM batches WHERE number = batch) LOOP
    PERFORM transfer(gen_random_uuid(), budget, member, 10);
  END LOOP;
END $$;
