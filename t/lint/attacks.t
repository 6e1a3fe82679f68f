#!/usr/bin/perl
# t/data/ATTACKS is true: each test it names for an attack names the attack,
# and no attack is without a test.
use strict;
use warnings;
use Test::More;

my $top = $ENV{top_srcdir} // '.';

sub slurp { my ($f) = @_; open my $h, '<', $f or return ''; local $/; return <$h> }

my ($name, %tests);
for (split /\n/, slurp("$top/t/data/ATTACKS")) {
    $name = $1 if /^(T\d+|(?:client )?a\d+) /;
    push @{ $tests{$name} }, m{\bt/\S+\.\w\b}g if $name;
}
for my $attack (sort keys %tests) {
    ok @{ $tests{$attack} } > 0, "$attack has a test";
    like slurp("$top/$_"), qr/\b\Q$attack\E\b/, "$_ names $attack" for @{ $tests{$attack} };
}
my %apart = map { $_ => 1 } qw(T4 T17);    # of reports and of reload
is join(' ', grep { !$tests{$_} && !$apart{$_} } map({ "T$_" } 1 .. 23), map({ "a$_" } 1 .. 19),
    map { "client a$_" } 1 .. 3), '', 'none is left out';
done_testing;
