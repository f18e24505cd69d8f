import { type Content, nameParts, nodesWithin } from '../tree.ts';

/** PostgreSQL's own functions, of those that migrations use, whose result does not change within a statement. */
const steady = new Set(
  `abs age array_append array_cat array_fill array_length array_position array_prepend array_remove array_replace array_to_json
  array_to_string ascii btrim cardinality ceil ceiling char_length character_length chr concat concat_ws convert_from convert_to
  current_database current_schema current_setting date_part date_trunc decode div encode exp extract floor format format_type
  get_bit hashtext initcap int4range int8range daterange tsrange tstzrange numrange isempty json_array_length json_build_array
  json_build_object json_object json_strip_nulls json_typeof jsonb_array_length jsonb_build_array jsonb_build_object jsonb_object
  jsonb_set jsonb_strip_nulls jsonb_typeof justify_days justify_hours justify_interval left length ln log lower lpad ltrim make_date
  make_interval make_time make_timestamp make_timestamptz md5 mod now num_nonnulls num_nulls obj_description octet_length
  overlay pg_backend_pid pg_get_serial_sequence pi position power quote_ident quote_literal quote_nullable regexp_match regexp_matches
  regexp_replace regexp_split_to_array repeat replace reverse right round row_to_json rpad rtrim sha224 sha256 sha384 sha512
  sign split_part sqrt starts_with statement_timestamp string_to_array strpos substr substring timezone to_ascii to_char to_date
  to_hex to_json to_jsonb to_number to_regclass to_timestamp to_tsquery to_tsvector transaction_timestamp translate trim trunc
  upper version width_bucket plainto_tsquery setweight
  array_agg avg bit_and bit_or bool_and bool_or count every json_agg json_object_agg jsonb_agg jsonb_object_agg max min string_agg
  sum row_number rank dense_rank lag lead first_value last_value generate_series unnest jsonb_array_elements jsonb_each
  json_array_elements json_each regexp_split_to_table xpath`.split(/\s+/),
);

/** Those whose result changes, which change nothing themselves, or nothing that stays. */
const changing = new Set(
  `clock_timestamp currval gen_random_uuid lastval nextval pg_advisory_lock pg_advisory_unlock pg_advisory_xact_lock pg_notify
  pg_sleep random random_normal set_config timeofday txid_current uuidv4 uuidv7`.split(/\s+/),
);

/** Whether the result may differ from row to row. What is not one of PostgreSQL's own may do anything, so it may. */
export function isVolatile(expression: unknown): boolean {
  return functionsIn(expression).some(({ name }) => !steady.has(name));
}

/** The functions called that are not known to leave everything as it is. */
export function strangeFunctions(statement: unknown): { name: string; call: Content }[] {
  return functionsIn(statement).filter(({ name }) => !steady.has(name) && !changing.has(name));
}

/** With the schema, unless it is PostgreSQL's own. */
function functionsIn(tree: unknown): { name: string; call: Content }[] {
  return [...nodesWithin(tree)].flatMap(([kind, call]) => {
    if (kind !== 'FuncCall') return [];
    const parts = nameParts(call.funcname);
    return [{ name: (parts[0] === 'pg_catalog' ? parts.slice(1) : parts).join('.'), call }];
  });
}
