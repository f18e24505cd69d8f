CREATE TABLE books (
  isbn text PRIMARY KEY,
  title text NOT NULL
);
CREATE INDEX books_title ON books (title);
