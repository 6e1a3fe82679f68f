#!/usr/bin/perl
# Random From fields, well-formed and spoilt: where we find an author domain,
# no reader of Python's may find another one. SCALE multiplies, SEED repeats.
use strict;
use warnings;
use Test::More;
use File::Temp 'tempdir';

my $src    = $ENV{top_srcdir}   // '.';
my $build  = $ENV{top_builddir} // '.';
my $python = '/usr/bin/python3';
my $fields = 6000 * ($ENV{SCALE} // 1);
my $seed   = $ENV{SEED} // 5322;
my $dir    = tempdir(CLEANUP => 1);
srand $seed;
diag "SEED=$seed";

sub pick { return $_[ rand @_ ] }

my @domain = ('legit.example', 'LEGIT.example', 'attack.example', 'legit.example.attack.example', "b\xc3\xbccher.example");
my @odd = (',', ';', ':', '"', '\\', '(', ')', '<', '>', '[', ']', '.', '@', ' ', "\r\n ", "\t", "\xf6", "\xc3\xa4",
    '=?utf-8?q?x=40attack.example?=', '=?utf-8?b?PGFAYXR0YWNrLmV4YW1wbGU+?=', '=?utf-8?q?J=F6rg?=', '%', '!', 'x', "\x01",
    "\xef\xbc\xa0", "\xc2\xa0", "\x83");

sub address { return pick('a', 'a.b', 'a..b', '"a b"', '"a@b"', '') . '@' . pick(@domain) }
sub name    { return pick('', 'Joe ', 'Doe, John ', "J\xf6rg ", '"Doe, J" ', address() . ' ', '(x) ', "\"" . address() . '" ') }
sub mailbox { return pick(address(), name() . '<' . address() . '>', '<' . address() . '>') }

sub field {
    my $text = join pick(', ', ' ', ';', ''), map { mailbox() } 1 .. pick(1, 1, 1, 2);
    for (1 .. pick(0, 0, 1, 1, 2, 3)) {
        my $at = int rand 1 + length $text;
        substr $text, $at, pick(0, 0, 0, 1), pick(@odd);
    }
    return $text;
}

my @fields = map { field() } 1 .. $fields;
open my $out, '>', "$dir/fields" or die "$!";
print $out unpack('H*', $_), "\n" for @fields;
close $out or die "$!";
chomp(my @ours   = `$build/t/oracle/from_cli < $dir/fields`);
chomp(my @theirs = `$python $src/t/oracle/from_python.py < $dir/fields`);
is scalar @ours,   $fields, 'we read them all';
is scalar @theirs, $fields, 'so does Python' or BAIL_OUT('no oracle: install python3');

my ($found, $alike, @wrong) = (0, 0);
for my $i (0 .. $#fields) {
    # One label is a domain to us where the grammar says so, to nobody here.
    next if $ours[$i] !~ /\./;
    $found++;
    $alike += $ours[$i] eq $theirs[$i];
    push @wrong, "$fields[$i]: we $ours[$i], they $theirs[$i]" if grep { $_ ne '-' && $_ ne $ours[$i] } split / /, $theirs[$i];
}
is scalar @wrong, 0, "none of $found read by us is read otherwise" or diag join "\n", @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)];
ok $found > $fields / 4 && $alike > $found / 2, "and $alike of them alike";
done_testing;
