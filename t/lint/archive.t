#!/usr/bin/perl
# libcore.a needs libcrypto, libidn2 and the C library, and nothing else: the
# linker is the one who knows.
use strict;
use warnings;
use Test::More;
use File::Temp 'tempdir';

my $build = $ENV{top_builddir} // '.';
my ($cc, $flags, $ldflags) = ($ENV{cc} // 'cc', $ENV{cflags} // '-pthread', $ENV{ldflags} // '');
plan skip_all => 'libcore.a is not built' unless -f "$build/libcore.a";

my $dir = tempdir(CLEANUP => 1);
open my $fh, '>', "$dir/main.c" or die "$!";
print {$fh} "int main(void)\n{\n\treturn 0;\n}\n";
close $fh or die "$!";
my $output = `$cc $flags $ldflags -o $dir/main $dir/main.c -Wl,--whole-archive $build/libcore.a -Wl,--no-whole-archive -lcrypto -lidn2 2>&1`;
is $? >> 8, 0, 'libcore.a links whole with -lcrypto -lidn2' or diag $output;
is system("$dir/main") >> 8, 0, 'and what it makes runs';
done_testing;
