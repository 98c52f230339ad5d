# Sourced by the stages that run the README's commands as they are written.
# shellcheck shell=bash

# readme_blocks prints the fenced blocks after the lines `<!-- MARK -->`, in order. What
# stands after `<!-- MARK background -->` stays in the foreground of a terminal of its
# own: it runs beside the others, and await_stack waits until its stack is ready.
readme_blocks() { # mark
  awk -v mark="$1" '
    $0 == "<!-- " mark " -->" { marked = 1; background = 0; next }
    $0 == "<!-- " mark " background -->" { marked = 1; background = 1; next }
    marked && /^```sh$/ { inside = 1; marked = 0; found = 1; if (background) print "("; next }
    marked && NF { print "README.md:" NR ": a ```sh block follows <!-- " mark " -->" > "/dev/stderr"; exit 1 }
    inside && /^```$/ { inside = 0; if (background) print ") & await_stack $!"; next }
    inside { print }
    END { if (!found) { print "README.md marks no commands with <!-- " mark " -->" > "/dev/stderr"; exit 1 } }
  ' README.md
}

# run_blocks runs them, each command shown before it.
run_blocks() { # file
  bash -x -euo pipefail "$1" </dev/null
}
