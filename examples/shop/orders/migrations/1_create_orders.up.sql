CREATE TABLE products (
  name text PRIMARY KEY,
  price integer NOT NULL CHECK (price > 0)
);

INSERT INTO products (name, price) VALUES ('anchor', 4900), ('compass', 2350), ('rope', 790);

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer text NOT NULL,
  product text NOT NULL REFERENCES products (name),
  quantity integer NOT NULL CHECK (quantity > 0),
  total integer NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  confirmed_at timestamptz
);
