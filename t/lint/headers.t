#!/usr/bin/perl
# Every header compiles alone and twice, under the tree's own flags, behind a
# guard of its own name; and every source begins with its own header, then the
# system's, then ours.
use strict;
use warnings;
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Source qw(top sources slurp includes);

my $cc    = $ENV{cc}     // 'cc';
my $flags = $ENV{cflags} // '-std=c11 -D_POSIX_C_SOURCE=200809L -I' . top() . '/milter';

for my $file (sources(qr/\.h$/, 'milter')) {
    (my $short = $file) =~ s{^milter/}{};
    (my $guard = uc "ASSAY_$short") =~ s/\W/_/g;
    like slurp($file), qr/^#ifndef $guard\n#define $guard\n.*^#endif\n\z/ms, "$file has the guard $guard";
    my $output = `printf '#include "$short"\\n#include "$short"\\nextern int lint;\\n' |
        $cc $flags -fsyntax-only -x c - 2>&1`;
    is $? >> 8, 0, "$file compiles alone" or diag $output;
}
for my $file (sources(qr/\.c$/, 'milter')) {
    (my $own = $file) =~ s{^milter/(.*)\.c$}{"$1.h"};
    my @kinds = map { $_->[1] eq $own ? 0 : $_->[1] =~ /^</ ? 1 : 2 } includes(slurp($file));
    my $has_own = $own =~ /"(.*)"/ && -f top() . "/milter/$1";
    ok !$has_own || (@kinds && $kinds[0] == 0), "$file includes its own header first";
    is "@kinds", join(' ', sort @kinds), "$file includes its own, the system's, then our headers";
}
done_testing;
