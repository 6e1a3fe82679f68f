#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# What we sign is accepted by others: odd messages in all four pairs of
# canonicalizations, by an RSA and an Ed25519 key at once. dkimpy knows both
# algorithms, Mail::DKIM RSA only, opendkim both. SCALE (1: 40 messages) and
# SEED choose the messages; KEEP=1 leaves them in /tmp.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Fetched qw(program with_libraries);
use Assay::Verifiers qw(python perl);

my $src = $ENV{top_srcdir} // '.';
my $build = abs_path($ENV{top_builddir} // '.');
my $cli = "$build/t/oracle/dkim_cli";
my $n = 40 * ($ENV{SCALE} || 1);
my $seed = $ENV{SEED} // 1;
$ENV{PYTHONDONTWRITEBYTECODE} = 1;

plan skip_all => $_ for Assay::Verifiers::missing();
my @opendkim = with_libraries(program('opendkim'));

# What a verifier reads in its own way (t/data/DISAGREEMENTS), it is not shown.
# [verifier, labels, pattern of canonicalizations]
my @not_shown = (
    ['dkimpy', 'blank-before-colon', qr/./],
    ['dkimpy', 'lf-alone', qr/./],
    ['dkimpy', 'blank-and-no-crlf', qr/.relaxed$/],
    ['Mail::DKIM', 'no-crlf', qr/.simple$/],
    # opendkim -t reads a file line by line into a milter's callbacks and
    # loses blanks, line ends and odd names on the way.
    ['opendkim', 'blank-before-colon', qr/./],
    ['opendkim', 'lf-alone', qr/./],
    ['opendkim', 'cr-alone', qr/./],
    ['opendkim', 'nul', qr/./],
    ['opendkim', 'cr-header', qr/./],
    ['opendkim', 'no-crlf', qr/./],
    ['opendkim', 'odd-header', qr/^simple/],
);

my $dir = tempdir('dkim-accept-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{KEEP});
diag "in $dir" if $ENV{KEEP};

sub run {
    my ($out, @command) = @_;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDOUT, '>', $out or die "$out: $!\n";
        exec @command or die "$command[0]: $!\n";
    }
    waitpid $pid, 0;
    return $?;
}

sub lines {
    my ($path) = @_;
    open my $fh, '<', $path or die "$path: $!\n";
    chomp(my @lines = <$fh>);
    return @lines;
}

sub must {
    my ($out, @command) = @_;
    run($out, @command) == 0 or BAIL_OUT("@command[0 .. 2] fails");
    return lines($out);
}

# Keys and their records, as each verifier wants them.
my %key = (rsa => 'rsa-sha256', ed => 'ed25519-sha256');
must("$dir/log", qw(openssl genrsa -out), "$dir/rsa.pem", 2048);
must("$dir/log", qw(openssl genpkey -algorithm ed25519 -out), "$dir/ed.pem");
my ($zone, $records, $odkim) = ('', '', '');
for my $s (sort keys %key) {
    my ($record) = must("$dir/log", $cli, 'record', "$dir/$s.pem");
    my $name = "$s._domainkey.example.com";
    $zone .= "$name TXT \"$record\"\n";
    $records .= "$name\t$record\n";
    $odkim .= "$name $record\n";
}
my %file = (zone => $zone, records => $records, odkim => $odkim,
    conf => "TestPublicKeys $dir/odkim\nMaximumHeaders 0\n");
for my $name (keys %file) {
    open my $fh, '>', "$dir/$name" or die "$name: $!\n";
    print $fh $file{$name};
    close $fh or die "$name: $!\n";
}
must("$dir/log", python("$src/t/oracle/dkim_plain.py", $dir, $n, $seed));
my %labels = map { my ($f, $l) = split /\t/, $_, -1; ($f => { map { $_ => 1 } split /,/, $l }) } lines("$dir/index");

sub shown {
    my ($who, $file, $canon) = @_;
    return !grep {
        $_->[0] eq $who && $labels{$file}{ $_->[1] } && $canon =~ $_->[2]
    } @not_shown;
}

my %asked;

sub check {
    my ($who, $canon, @not) = @_;
    ok !@not, "$who accepts what we sign, $canon"
      or diag join "\n", @not[0 .. ($#not < 20 ? $#not : 20)];
    return;
}

# Lines "file <TAB> index <TAB> pass ..."; index 0 is RSA, 1 Ed25519.
sub by_lines {
    my ($who, $canon, $last, @lines) = @_;
    my (%seen, @not);
    for (@lines) {
        my ($file, $i, $word, @why) = split /\t/;
        next if $i > $last || !shown($who, $file, $canon);
        $seen{$file}++;
        $asked{$who}++;
        push @not, "$file $i $word @why" if $word !~ /^pass/;
    }
    push @not, map { "$_ nothing said" } grep { shown($who, $_, $canon) && ($seen{$_} // 0) != $last + 1 } sort keys %labels;
    check($who, $canon, @not);
    return;
}

sub by_opendkim {
    my ($canon, @files) = @_;
    my @not;
    for my $path (@files) {
        (my $file = $path) =~ s{.*/}{};
        next if !shown('opendkim', $file, $canon);
        run("$dir/said", 'sh', '-c', '"$@" 2>&1 </dev/null', 'sh', @opendkim, '-x', "$dir/conf", '-vv', '-t', $path);
        my $said = join ' ', grep { !/returned SMFIS/ } lines("$dir/said");
        for my $s (sort keys %key) {
            $asked{opendkim}++;
            push @not, "$file $s: $said" if $said !~ /dkim=pass [^;]*header\.s=$s\b/;
        }
    }
    check('opendkim', $canon, @not);
    return;
}

for my $canon (qw(simple/simple simple/relaxed relaxed/simple relaxed/relaxed)) {
    (my $out = "$dir/$canon") =~ s{/([a-z]+)$}{-$1};
    mkdir $out or die "$out: $!\n";
    my @plain = glob "$dir/plain/*.eml";
    my @keys = map { "$key{$_},example.com,$_,$dir/$_.pem,joe\@sub.example.com" } qw(rsa ed);
    must("$dir/log", $cli, 'sign', time, split(m{/}, $canon), $out, @keys, '--', @plain);
    my @files = glob "$out/*.eml";
    is scalar @files, $n, "all are signed, $canon";
    by_lines('our verifier', $canon, 1, must("$dir/log", $cli, 'verify', "$dir/zone", time, @files));
    by_lines('dkimpy', $canon, 1, must("$dir/log", python("$src/t/oracle/dkim_dkimpy.py", "$dir/records", @files)));
    by_lines('Mail::DKIM', $canon, 0, must("$dir/log", perl("$src/t/oracle/dkim_maildkim.pl", 'verify', "$dir/records", @files)));
    by_opendkim($canon, @files);
}
diag "$_: $asked{$_} signatures" for sort keys %asked;
cmp_ok $asked{$_} // 0, '>', $n, "$_ was asked of enough" for 'dkimpy', 'Mail::DKIM', 'opendkim';
done_testing;
