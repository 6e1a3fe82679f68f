#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# Our verdict on generated messages beside those of dkimpy and Mail::DKIM.
# SCALE (1: 300 messages) and SEED choose them; KEEP=1 leaves them in /tmp.
# Where a verifier and we differ, it is by one of the rules below, each of
# which is argued in t/data/DISAGREEMENTS under its title.
use strict;
use warnings;
use File::Temp qw(tempdir);
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Verifiers qw(python perl);

my $src = $ENV{top_srcdir} // '.';
my $cli = ($ENV{top_builddir} // '.') . '/t/oracle/dkim_cli';
my $n = 300 * ($ENV{SCALE} || 1);
my $seed = $ENV{SEED} // 1;
$ENV{PYTHONDONTWRITEBYTECODE} = 1;

plan skip_all => $_ for Assay::Verifiers::missing();

# [verifier, labels that are all there, do we verify?, title]
my @rules = (
    ['dkimpy', 'blank-before-colon', 1, 'a blank before the colon'],
    ['dkimpy', 'lf-alone', undef, 'LF alone in a body'],
    ['dkimpy', 'relaxed-body blank-and-no-crlf', undef,
        'blanks at the end of a body without CRLF'],
    ['dkimpy', 'two-from', 1, 'a second From field'],
    ['dkimpy', 'q-list', 1, 'several query methods'],
    ['dkimpy', 'i-folded', 1, 'i= with folding'],
    ['dkimpy', 'blank-after-b', 1, 'blanks after the value of b='],
    ['dkimpy', 'b-in-value', 1, 'b= inside the value of another tag'],
    ['dkimpy', 'l-beyond', 0, 'l= beyond the body'],
    ['dkimpy', 'from-unsigned', 0, 'From not signed'],
    ['dkimpy', 'signs-signatures', 1, 'DKIM-Signature in h='],
    ['dkimpy', 't-ahead', 1, 't= in the future'],
    ['dkimpy', 'x-not-after-t', 0, 'x= not after t='],
    ['dkimpy', 'key-v-last', 0, 'v= of a key record not first'],
    ['dkimpy', 'key-sha1', 0, 'h= of a key record'],
    ['dkimpy', 'key-same-domain i-below', 0, 't=s of a key record'],
    ['Mail::DKIM', 'simple-body no-crlf', undef, 'a body without CRLF'],
    ['Mail::DKIM', 'l-zero', 1, 'l=0'],
    ['Mail::DKIM', 'l-of-nothing simple-body', 1, 'l= within an empty body'],
    ['Mail::DKIM', 'l-beyond', 0, 'l= beyond the body'],
    ['Mail::DKIM', 'duplicate-tag', 0, 'duplicate tags'],
    ['Mail::DKIM', 'key-duplicate', 0, 'duplicate tags'],
    ['Mail::DKIM', 'from-unsigned', 0, 'From not signed'],
    ['Mail::DKIM', 'signs-signatures', 1, 'DKIM-Signature in h='],
    ['Mail::DKIM', 'i-folded', 1, 'i= with folding'],
    ['Mail::DKIM', 'x-not-after-t', 0, 'x= not after t='],
    ['Mail::DKIM', 'v-other', 0, 'v= empty'],
    ['Mail::DKIM', 'key-v-last', 0, 'v= of a key record not first'],
    ['Mail::DKIM', 'key-bare', 1, 'an RSAPublicKey by itself'],
    ['Mail::DKIM', 'key-granularity', 1, 'g= of a key record'],
);

sub lines {
    my ($path) = @_;
    open my $fh, '<', $path or die "$path: $!\n";
    chomp(my @lines = <$fh>);
    return @lines;
}

# {file}{index} => [verified?, in words]
sub verdicts {
    my ($path, $good) = @_;
    my %v;
    for (lines($path)) {
        my ($file, $i, $word, $why) = split /\t/, $_, -1;
        $v{$file}{$i} = [$word =~ $good ? 1 : 0, join ' ', grep { defined && length } $word, $why];
    }
    return \%v;
}

my $dir = tempdir('dkim-oracle-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{KEEP});
diag "in $dir" if $ENV{KEEP};

sub run {
    my ($out, @command) = @_;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDOUT, '>', $out or die "$out: $!\n";
        exec @command or die "$command[0]: $!\n";
    }
    waitpid $pid, 0;
    is $?, 0, "$out is written" or BAIL_OUT('nothing to compare');
    return;
}

# Batches, so that no command line is too long.
sub run_all {
    my ($out, @command) = @_;
    my @files = glob "$dir/msg/*.eml";
    my $k = 0;
    while (my @some = splice @files, 0, 1000) {
        run($out . $k++, @command, @some);
    }
    run($out, 'cat', map { $out . $_ } 0 .. $k - 1);
    return;
}

run("$dir/log", python("$src/t/oracle/dkim_generate.py", $dir, $n, $seed));
run_all("$dir/ours", $cli, 'verify', "$dir/zone", time);
run_all("$dir/dkimpy", python("$src/t/oracle/dkim_dkimpy.py", "$dir/records"));
run_all("$dir/maildkim", perl("$src/t/oracle/dkim_maildkim.pl", 'verify', "$dir/records"));

# policy is what we verified and do not accept.
my $ours = verdicts("$dir/ours", qr/^(pass|policy)$/);
my %theirs = (
    'dkimpy'     => verdicts("$dir/dkimpy", qr/^pass$/),
    'Mail::DKIM' => verdicts("$dir/maildkim", qr/^pass/),
);

sub excuse {
    my ($who, $labels, $we_verify) = @_;
    for my $r (@rules) {
        my ($whose, $all, $verify, $title) = @$r;
        next if $whose ne $who || grep { !$labels->{$_} } split ' ', $all;
        return $title if !defined $verify || $verify == $we_verify;
    }
    return;
}

my (%count, %used, @wrong, @by_rfc);
for (lines("$dir/index")) {
    my ($file, $signer, $mutation, $labels, $expect) = split /\t/;
    my %labels = map { $_ => 1 } split /,/, $labels;
    for my $i (sort keys %{ $ours->{$file} }) {
        my ($verified, $text) = @{ $ours->{$file}{$i} };
        my $what = "$file $i ($signer, $mutation, $labels): ours $text";
        my $agree = 0;
        push @by_rfc, "$what, RFC 6376 $expect"
          if $expect ne '?' && $verified != ($expect eq 'verified');
        $count{signatures}++;
        $count{'by construction'}++ if $expect ne '?';
        for my $who (sort keys %theirs) {
            # It knows no Ed25519.
            next if $who eq 'Mail::DKIM' && $labels{'ed25519-sha256'};
            my $t = $theirs{$who}{$file}{$i} // [0, 'nothing'];
            if ($t->[0] == $verified) {
                $count{$who}++;
                $agree++;
            }
            elsif (my $title = excuse($who, \%labels, $verified)) {
                $used{"$who: $title"}++;
            }
            else {
                push @wrong, "$what, $who $t->[1]";
            }
        }
        $count{'two verifiers agree'}++ if $agree == 2;
        $count{'verified'}++ if $verified;
    }
}
diag "$_: $count{$_}" for sort keys %count;
diag "differs, $_: $used{$_}" for sort keys %used;
ok !@wrong, 'each difference has its rule' or diag join "\n", @wrong[0 .. ($#wrong < 30 ? $#wrong : 30)];
ok !@by_rfc, 'verdicts are those by construction' or diag join "\n", @by_rfc[0 .. ($#by_rfc < 30 ? $#by_rfc : 30)];
cmp_ok $count{signatures}, '>=', $n, 'each message has a verdict';
cmp_ok $count{verified}, '>', $n / 4, 'many verify';
cmp_ok $count{signatures} - $count{verified}, '>', $n / 5, 'many do not';
cmp_ok $count{'dkimpy'}, '>', 0.8 * $count{signatures}, 'dkimpy agrees with most';
cmp_ok $count{'two verifiers agree'}, '>', 0.5 * $count{signatures}, 'both agree with more than half';

my $argued = join "\n", lines("$src/t/data/DISAGREEMENTS");
for my $r (@rules) {
    my ($who, undef, undef, $title) = @$r;
    like $argued, qr/^\Q$who\E[^\n]*: \Q$title\E$/m, "argued: $who: $title";
}
done_testing;
