#!/usr/bin/perl
# The lints can fail: a small tree that passes them all, and one fault at a
# time planted in it, which the right lint must name.
use strict;
use warnings;
use Test::More;
use File::Path 'make_path';
use File::Temp 'tempdir';

my $top = $ENV{top_srcdir} // '.';
my $cc  = $ENV{cc}         // 'cc';
my $dir = tempdir(CLEANUP => 1);

my $licence = "/* SPDX-License-Identifier: BSD-2-Clause */\n";
my %clean = (
    'Makefile.am'         => "include milter/base/room.am\ninclude milter/dns/room.am\n",
    'milter/README'       => "The rooms:\n\nbase   memory\ndns    names\n\n  base -> dns\n",
    'milter/base/README'  => "base: memory\n\nIncludes only itself.\n",
    'milter/base/room.am' => "libcore_a_SOURCES += milter/base/a.c milter/base/a.h\n",
    'milter/base/a.h'     => $licence . <<'EOT',
/* One thing. */
#ifndef ASSAY_BASE_A_H
#define ASSAY_BASE_A_H

enum a_kind {
	A_ONE,
	A_TWO,
};

int a_thing(enum a_kind);

#endif
EOT
    'milter/base/a.c' => $licence . <<'EOT',
/* The thing. */
#include "base/a.h"

#include <stddef.h>

int
a_thing(enum a_kind kind)
{
	switch (kind) {
	case A_ONE: return 1;
	case A_TWO: break;
	}
	return 0;
}
EOT
    'milter/dns/README'  => "dns: names\n\nIncludes base.\n",
    'milter/dns/room.am' => "libcore_a_SOURCES += milter/dns/b.c\n",
    'milter/dns/b.c'     => $licence . <<'EOT',
/* Another thing. */
#include "base/a.h"

int b_thing(void);

int
b_thing(void)
{
	return a_thing(A_ONE);
}
EOT
    't/lib/Assay/Thing.pm' => "package Assay::Thing;\n\n# A thing.\n1;\n",
);

sub plant {
    my (%change) = @_;
    my %file = (%clean, %change);
    system 'rm', '-rf', "$dir/tree";
    for my $name (sort keys %file) {
        next unless defined $file{$name};
        my ($parent) = "$dir/tree/$name" =~ m{^(.*)/};
        make_path($parent);
        open my $fh, '>', "$dir/tree/$name" or die "$name: $!";
        print {$fh} $file{$name};
        close $fh or die "$name: $!";
    }
    symlink "$top/t/lib/Assay/Source.pm", "$dir/tree/t/lib/Assay/Source.pm" or die "$!";
    symlink "$top/.clang-format", "$dir/tree/.clang-format" or die "$!";
}

sub build {
    my $tree = "$dir/tree";
    system "rm -f $tree/libcore.a $tree/milter/*/*.o";
    for (glob "$tree/milter/*/*.c") {
        (my $o = $_) =~ s/c$/o/;
        system "$cc -w -I$tree/milter -c -o $o $_";
    }
    system "ar cr $tree/libcore.a $tree/milter/*/*.o";
}

sub run_lint {
    my ($lint) = @_;
    local $ENV{top_srcdir} = "$dir/tree";
    local $ENV{top_builddir} = "$dir/tree";
    local $ENV{cflags} = "-std=c11 -I$dir/tree/milter";
    local $ENV{ldflags} = '';
    my $output = `$^X $top/t/lint/$lint.t 2>&1`;
    return ($? >> 8, $output);
}

sub with {
    my ($file, $from, $to) = @_;
    my $text = $clean{$file};
    $text =~ s/\Q$from\E/$to/ or die "$file: no $from";
    return $file => $text;
}

my $body = 'return a_thing(A_ONE);';
my $last = "\treturn a_thing(A_ONE);\n";
my @a = 'milter/base/a.c';
my @b = 'milter/dns/b.c';

# [lint, what it must say, changes ...]
my @faults = (
    ['rooms', qr/points back/, with(@a, '#include <stddef.h>', '#include "dns/b.h"')],
    ['rooms', qr/does not speak of base/, 'milter/dns/README' => "dns\n\nIncludes nothing.\n"],
    ['rooms', qr/knows the room extra/, 'milter/extra/c.c' => $clean{'milter/dns/b.c'}],
    ['rooms', qr/is in no room\.am/, 'milter/dns/c.c' => $clean{'milter/dns/b.c'}],
    ['rooms', qr/c\.c, listed in a fragment, exists/,
        'milter/dns/room.am' => "libcore_a_SOURCES += milter/dns/b.c milter/dns/c.c\n"],
    ['rooms', qr/no such room/, with(@b, '"base/a.h"', '"../base/a.h"')],
    ['rooms', qr/write "room/, with(@a, '"base/a.h"', '"a.h"')],
    ['rooms', qr/<syslog\.h> in a room/, with(@a, '<stddef.h>', '<syslog.h>')],
    ['rooms', qr/<unistd\.h> in a room/, with(@a, '<stddef.h>', '<unistd.h>')],
    ['rooms', qr/<time\.h> in a room/, with(@b, '#include', "#include <time.h>\n#include")],
    ['rooms', qr/belongs to the room daemon/, with(@a, '<stddef.h>', '<libmilter/mfapi.h>')],
    ['rooms', qr/belongs to the room spf/, with(@a, '<stddef.h>', '<spf2/spf.h>')],
    ['rooms', qr/one file knows <libmilter/, 'milter/daemon/x.c' => "#include <libmilter/mfapi.h>\n"],
    ['rooms', qr/dkim knows none of/, 'milter/dkim/x.c' => "#include \"spf/x.h\"\n"],
    ['rooms', qr/Makefile\.am includes dns/, 'Makefile.am' => "include milter/base/room.am\n"],
    ['banned', qr/line 10: strcpy\(\)/, with(@a, "{\n\tswitch", "{\n\tstrcpy(0, 0);\n\tswitch")],
    ['banned', qr/line 10: time\(\) in a room/, with(@b, $body, 'return (int)time(0);')],
    ['banned', qr/typedef/, with(@b, 'int b_thing(void);', 'typedef struct b b;')],
    ['banned', qr/default: in a switch over A_ONE/, with(@a, 'case A_TWO', 'default')],
    ['banned', qr/a conditional/, with(@b, $body, "\n#ifdef X\n#endif\n$body")],
    ['banned', qr/thread-local/, with(@b, $body, "_Thread_local static int i;\n$body")],
    ['banned', qr/b\.o: state/, with(@b, $body, "static int state;\n\treturn state++;")],
    ['banned', qr/b\.o: state/, with(@b, 'int b_thing(void);', "const char *state = \"x\";\nint b_thing(void);")],
    ['banned', qr/GNU/, with(@b, '/* Another', "#define _GNU_SOURCE\n/* Another")],
    ['sizes', qr/b_thing\(\) has 104 lines/, with(@b, $last, "\t;\n" x 100 . $last)],
    ['sizes', qr/: 8\d\d lines/, with(@b, 'int b_thing(void);', "int b_thing(void);\n" x 801)],
    ['sizes', qr/makes 21 decisions/, with(@b, $body, 'return ' . '1 && ' x 20 . '1;')],
    ['sizes', qr/is nested 4 deep/,
        with(@b, $last, join('', map { "\t" x $_ . "if (1)\n" } 1 .. 4) . "\t\t\t\t\t;\n$last")],
    ['sizes', qr/Thing\.pm is of/, 't/lib/Assay/Thing.pm' => "# x\n" x 801],
    ['headers', qr/guard ASSAY_BASE_A_H/, with('milter/base/a.h', 'ndef ASSAY_BASE_A', 'ndef ASSAY_A')],
    ['headers', qr/compiles alone/, with('milter/base/a.h', 'int a_thing(', 'size_t a_thing(')],
    ['headers', qr/own header first/,
        with(@a, qq{#include "base/a.h"\n\n#include <stddef.h>}, qq{#include <stddef.h>\n#include "base/a.h"})],
    ['headers', qr/then our headers/, with(@b, qq{"base/a.h"}, qq{"base/a.h"\n#include <stddef.h>})],
    ['format', qr/b\.c is formatted/, with(@b, $last, "        return 1;\n")],
    ['archive', qr/undefined reference.*SPF_server_new/s, with(@b, $body, 'return SPF_server_new();')],
    ['comments', qr/has its licence/, with(@b, 'SPDX', 'XPDS')],
    ['comments', qr/says what it is for/, with(@b, "/* Another thing. */\n", '')],
    ['comments', qr/line 10: commented-out code/, with(@b, $body, "/* return 1; */\n\t$body")],
    ['comments', qr/line 10: commented-out code/, with(@b, $body, "/*\n\t * if (x) {\n\t */\n\t$body")],
    ['comments', qr/#if 0/, with(@b, $body, "$body\n#if 0\n#endif")],
    ['comments', qr/write/, with(@b, $body, "$body // x")],
    ['comments', qr/TODO belongs/, with(@b, $body, "$body /* TODO: x */")],
    ['comments', qr/names no path/, with(@b, $body, "return !\"/roo" . "t/x\";")],
    ['comments', qr/Thing\.pm says/, 't/lib/Assay/Thing.pm' => "package Assay::Thing;\n1;\n"],
);

plant();
build();
my %skipped;
for my $lint (sort keys %{ { map { $_->[0] => 1 } @faults } }) {
    my ($status, $output) = run_lint($lint);
    is $status, 0, "$lint passes a clean tree" or diag $output;
    $skipped{$lint} = $output =~ /^1\.\.0 # SKIP/m;
}
for (@faults) {
    my ($lint, $says, %change) = @$_;
    my ($name) = sort keys %change;
  SKIP: {
        skip "$lint has no tool here", 1 if $skipped{$lint};
        plant(%change);
        build() if $lint eq 'archive' || "$says" =~ /b\\\.o/;
        my ($status, $output) = run_lint($lint);
        ok $status != 0 && $output =~ /^not ok/m && $output =~ $says, "$lint finds: $says" or diag $output;
    }
}
done_testing;
