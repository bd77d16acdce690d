# Layers, style, and each header compiled alone.
set -u
if python3 tools/check_layers.py; then echo "PASS checks/layers"; else echo "FAIL checks/layers: see above"; fi
if python3 tools/check_style.py; then echo "PASS checks/style"; else echo "FAIL checks/style: see above"; fi
for h in $(find src -name '*.h' ! -name '*_table.h' ! -name 'banned.h' | sort); do
	if echo "#include \"${h#src/}\"" | gcc -std=gnu17 -D_GNU_SOURCE -Wall -Wextra -Werror -Isrc -fsyntax-only -x c - 2>/tmp/header.$$; then
		echo "PASS checks/header/${h#src/}"
	else
		echo "FAIL checks/header/${h#src/}: does not compile alone"; cat /tmp/header.$$
	fi
	rm -f /tmp/header.$$
done
if python3 tools/limits_doc.py --check; then echo "PASS checks/limits-page"; else echo "FAIL checks/limits-page: see above"; fi
