-- pg_jsonschema: validates the keywords of JSON Schema below and refuses a schema that uses another one.
create function @extschema@.pgassay_json_type(instance jsonb) returns text language sql immutable
  return case when jsonb_typeof(instance) = 'number' and instance::text::numeric % 1 = 0 then 'integer'
    else jsonb_typeof(instance) end;

create function @extschema@.jsonb_matches_schema(schema json, instance jsonb) returns boolean
  language plpgsql immutable strict parallel safe
as $$
declare
  rules constant jsonb := schema::jsonb;
  rule record;
  kind constant text := @extschema@.pgassay_json_type(instance);
  size constant numeric := case jsonb_typeof(instance)
    when 'number' then instance::text::numeric
    when 'string' then length(instance #>> '{}')
    when 'array' then jsonb_array_length(instance)
    when 'object' then (select count(*) from jsonb_object_keys(instance)) end;
  known constant text[] := array(select jsonb_object_keys(
    case jsonb_typeof(rules -> 'properties') when 'object' then rules -> 'properties' else '{}' end
  ));
  matches integer;
begin
  if jsonb_typeof(rules) = 'boolean' then
    return rules::boolean;
  end if;
  for rule in select * from jsonb_each(rules) loop
    case
      when rule.key in (
        '$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'deprecated', 'readOnly',
        'writeOnly', 'format', 'contentEncoding', 'contentMediaType'
      ) then
        null;
      when rule.key = 'type' then
        if not (rule.value @> to_jsonb(kind) or kind = 'integer' and rule.value @> '"number"') then
          return false;
        end if;
      when rule.key = 'enum' then
        if not exists (select from jsonb_array_elements(rule.value) as choice where choice = instance) then
          return false;
        end if;
      when rule.key = 'const' then
        if rule.value <> instance then
          return false;
        end if;
      when rule.key = 'required' then
        if kind = 'object' and exists (
          select from jsonb_array_elements_text(rule.value) as name where not instance ? name
        ) then
          return false;
        end if;
      when rule.key = 'properties' then
        if kind = 'object' and exists (
          select from jsonb_each(rule.value) as property where instance ? property.key
            and not @extschema@.jsonb_matches_schema(property.value::json, instance -> property.key)
        ) then
          return false;
        end if;
      when rule.key = 'additionalProperties' and not rules ? 'patternProperties' then
        if kind = 'object' and exists (
          select from jsonb_each(instance) as property where property.key <> all (known)
            and not @extschema@.jsonb_matches_schema(rule.value::json, property.value)
        ) then
          return false;
        end if;
      when rule.key = 'items' and jsonb_typeof(rule.value) <> 'array' then
        if kind = 'array' and exists (
          select from jsonb_array_elements(instance) as item
          where not @extschema@.jsonb_matches_schema(rule.value::json, item)
        ) then
          return false;
        end if;
      when rule.key = 'uniqueItems' then
        if kind = 'array' and rule.value::boolean
          and size > (select count(distinct item) from jsonb_array_elements(instance) as item)
        then
          return false;
        end if;
      when rule.key in ('minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'multipleOf') then
        if jsonb_typeof(instance) = 'number' and not (
          case rule.key
            when 'minimum' then size >= rule.value::numeric
            when 'maximum' then size <= rule.value::numeric
            when 'exclusiveMinimum' then size > rule.value::numeric
            when 'exclusiveMaximum' then size < rule.value::numeric
            else size % rule.value::numeric = 0
          end
        ) then
          return false;
        end if;
      when rule.key in ('minLength', 'minItems', 'minProperties', 'maxLength', 'maxItems', 'maxProperties') then
        if jsonb_typeof(instance) = (
          case substr(rule.key, 4) when 'Length' then 'string' when 'Items' then 'array' else 'object' end
        ) and (
          left(rule.key, 3) = 'min' and size < rule.value::numeric
          or left(rule.key, 3) = 'max' and size > rule.value::numeric
        ) then
          return false;
        end if;
      when rule.key = 'pattern' then
        if kind = 'string' and instance #>> '{}' !~ (rule.value #>> '{}') then
          return false;
        end if;
      when rule.key in ('allOf', 'anyOf', 'oneOf') then
        select count(*) into matches from jsonb_array_elements(rule.value) as branch
        where @extschema@.jsonb_matches_schema(branch::json, instance);
        if not (
          case rule.key
            when 'allOf' then matches = jsonb_array_length(rule.value)
            when 'anyOf' then matches > 0
            else matches = 1
          end
        ) then
          return false;
        end if;
      when rule.key = 'not' then
        if @extschema@.jsonb_matches_schema(rule.value::json, instance) then
          return false;
        end if;
      else
        raise exception using
          errcode = '0A000',
          message = format('pg_jsonschema stand-in of pgassay cannot validate the keyword "%s"', rule.key);
    end case;
  end loop;
  return true;
end
$$;

create function @extschema@.json_matches_schema(schema json, instance json) returns boolean
  language sql immutable strict parallel safe
  return @extschema@.jsonb_matches_schema(schema, instance::jsonb);

do $refuse$
declare
  signature text;
begin
  foreach signature in array array[
    'jsonschema_is_valid(schema json) returns boolean',
    'jsonschema_validation_errors(schema json, instance json) returns text[]'
  ]
  loop
    execute format(
      'create function @extschema@.%s language plpgsql immutable strict parallel safe as %L',
      signature,
      format(
        'begin raise exception using errcode = %L, message = %L; end',
        '0A000', 'pg_jsonschema stand-in of pgassay cannot run ' || split_part(signature, '(', 1) || '()'
      )
    );
  end loop;
end
$refuse$;
