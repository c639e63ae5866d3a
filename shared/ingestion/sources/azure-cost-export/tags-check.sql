-- AZ-8: tags that are no flat JSON object; they stay readable in x_TagsRaw.
SELECT source_file, NULL::BIGINT AS row, 'Tags' AS column_name, left(Tags, 200) AS value
FROM bill WHERE Tags IS NOT NULL AND NOT azure_flat(azure_braced(Tags))
