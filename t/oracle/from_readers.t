#!/usr/bin/perl
# Random From fields, well-formed and spoilt: where we find an author domain,
# no reader of Python's may find another one. SCALE multiplies, SEED repeats.
use strict;
use warnings;
use Test::More;
use File::Temp 'tempdir';
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Author qw(random_from);

my $src    = $ENV{top_srcdir}   // '.';
my $build  = $ENV{top_builddir} // '.';
my $python = '/usr/bin/python3';
my $fields = 6000 * ($ENV{SCALE} // 1);
my $seed   = $ENV{SEED} // 5322;
my $dir    = tempdir(CLEANUP => 1);
srand $seed;
diag "SEED=$seed";

my @domains = ('legit.example', 'LEGIT.example', 'attack.example', 'legit.example.attack.example', "b\xc3\xbccher.example");
my @fields = map { random_from(@domains) } 1 .. $fields;
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
