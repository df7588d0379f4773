"""Writes jina-keys.tsv: every option that Jina's own parsers know, by where it stands in a Flow's YAML.

    pip download --no-deps jina==3.27.14 && unzip jina-*.whl
    python jina_keys.py jina_cli/autocomplete.py > ../resources/io/attune/flows/jina-keys.tsv

Those of the command line alone are left out.
"""

import runpy
import sys

COMMAND_LINE = {'help', 'force', 'force_update', 'prefer_platform'}
LEVELS = {'with': 'flow', 'gateway': 'gateway', 'executor': 'deployment'}

completions = runpy.run_path(sys.argv[1])['ac_table']['completions']
for level, command in LEVELS.items():
    options = {o[2:].replace('-', '_') for o in completions[command] if o.startswith('--')}
    for key in sorted(options - COMMAND_LINE):
        sys.stdout.write(f'{level}\t{key}\n')
