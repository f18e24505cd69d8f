CREATE TABLE sales (
  order_id bigint PRIMARY KEY,
  day date NOT NULL,
  total integer NOT NULL,
  rolled_up boolean NOT NULL DEFAULT false
);

CREATE INDEX sales_to_roll_up ON sales (day) WHERE NOT rolled_up;

CREATE TABLE days (
  day date PRIMARY KEY,
  orders bigint NOT NULL,
  revenue bigint NOT NULL
);
