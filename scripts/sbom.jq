# The bill of materials of a program: its modules as Go recorded them in it, and the packages that the dashboard may have
# brought into its pages.
#
#   go version -m -json PROGRAM | jq --arg version VERSION --slurpfile lock web/package-lock.json -f scripts/sbom.jq

def component(purl): {type: "library", "bom-ref": purl, name: .name, version: .version, purl: purl};

[
  (.Deps[] | .Replace // . | {name: .Path, version: .Version} | component("pkg:golang/\(.name)@\(.version)")),
  ({name: "stdlib", version: (.GoVersion | ltrimstr("go"))} | component("pkg:golang/stdlib@\(.version)")),
  ($lock[0].packages | to_entries[] | select(.key != "" and (.value | .dev or .devOptional or .optional | not))
    | {name: (.key | split("node_modules/") | last), version: .value.version}
    | component("pkg:npm/\(.name | sub("^@"; "%40"))@\(.version)"))
] as $parts
| {
    bomFormat: "CycloneDX", specVersion: "1.6", version: 1,
    metadata: {component: {type: "application", "bom-ref": "onsale", name: "onsale", version: $version}},
    components: ($parts | unique_by(.purl))
  }
