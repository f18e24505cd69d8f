-- Every book has one by now.
UPDATE books SET author = '' WHERE author IS NULL;
ALTER TABLE books ALTER COLUMN author SET NOT NULL, DROP COLUMN subtitle;
