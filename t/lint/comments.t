#!/usr/bin/perl
# Every C file says what it is for before anything else.
use strict;
use warnings;
use Test::More;
use File::Find;

my $top = $ENV{top_srcdir} // '.';
my @files;
find(sub { push @files, $File::Find::name if /\.[ch]$/ }, "$top/milter");
for my $file (sort @files) {
    open my $fh, '<', $file or die "$file: $!";
    my @line = map { scalar <$fh> } 1 .. 2;
    (my $name = $file) =~ s{^\Q$top\E/}{};
    ok $line[0] =~ m{SPDX-License-Identifier: BSD-2-Clause} && $line[1] =~ m{^/\*}, "$name has licence and banner";
}
done_testing;
