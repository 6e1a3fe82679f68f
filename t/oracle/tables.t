#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# Signing and key tables as a real opendkim reads them: random tables of all
# forms, and which key, domain and identity it takes for an author. SCALE (1:
# 40 tables of each kind) and SEED choose them.
use strict;
use warnings;
use Cwd qw(abs_path);
use File::Temp qw(tempdir);
use Test::More;
use lib ($ENV{top_srcdir} // '.') . '/t/lib';
use Assay::Fetched qw(program library_path);

my $cli = abs_path($ENV{top_builddir} // '.') . '/t/oracle/tables_cli';
my $n = 40 * ($ENV{SCALE} || 1);
srand($ENV{SEED} // 1);
my @opendkim = ('env', 'LD_LIBRARY_PATH=' . library_path(), program('opendkim'));
-x $opendkim[-1] or plan skip_all => 'opendkim needed; run contrib/fetch';
system('openssl version >/dev/null 2>&1') == 0 or plan skip_all => 'openssl needed';

my $dir = tempdir('tables-XXXXXX', TMPDIR => 1, CLEANUP => !$ENV{KEEP});
my $key = "$dir/key.pem";
system("openssl genrsa -out $key 1024 2>/dev/null") == 0 or die 'openssl';

sub write_file {
    my ($name, $text) = @_;
    open my $fh, '>', "$dir/$name" or die "$name: $!\n";
    print $fh $text;
    close $fh or die "$name: $!\n";
    return "$dir/$name";
}

my @domains = qw(example.com a.example.com b.a.example.com example.net a-b.example);
my @users = qw(joe ann jo.e j+e);
sub one { return $_[rand @_] }

# Keys by number, each of a fixed domain or the author's, and one by the name
# of each domain, for "%".
my $key_table = join '', map({ "k$_ " . ($_ % 2 ? 'example.com' : '%') . ":s$_:$key\n" } 0 .. 9),
    map { "$_ %:d:$key\n" } @domains;
my $kt = write_file('keys', $key_table);

sub value {
    my $k = int rand 10;
    return one('%', "k$k", "k$k", $k % 2 ? "k$k" : one("k$k:\@%", "k$k:me\@%", "k$k:me\@www.%"));
}

my %whose = (
    '' => sub {
        my ($u, $d) = (one(@users), one(@domains, 'com'));
        return one("$u\@$d", $d, ".$d", "$u\@.$d", "$u\@*", '*', uc $d, uc "$u\@$d");
    },
    'refile:' => sub {
        my ($u, $d) = (one(@users), one(@domains));
        my $cut = substr $u, 0, 1;
        return one("$u\@$d", "*\@$d", "*\@*.$d", "*.$d", "*$d", '*', '*@*', "$u\@*", "$cut*\@$d", "$cut*\@*",
            "*e\@*.com", $d, ".$d", uc "*\@$d", "*\@a.*", "j.e\@$d", "$u*\@$d*", '*-*');
    },
);

# What opendkim signs with: "d s i" by signature.
sub theirs {
    my ($kind, $all, $author) = @_;
    my $conf = write_file('conf', "KeyTable $kt\nSigningTable $kind$dir/signs\nMode s\nRequireSafeKeys no\n"
        . 'MultipleSignatures ' . ($all ? 'yes' : 'no') . "\n");
    my $message = write_file('m.eml', "From: $author\r\nSubject: x\r\n\r\nhi\r\n");
    open my $out, '-|', 'sh', '-c', 'exec "$@" 2>&1', 'sh', @opendkim, '-x', $conf, '-vvv', '-t', $message or die "opendkim: $!\n";
    my $said = do { local $/; <$out> };
    close $out;
    my @got;
    for my $sig ($said =~ /hvalue='(v=1;.*?)'/sg) {
        my %tag = map { /^\s*(\w+)=(.*?)\s*$/s ? ($1, $2) : () } split /;/, $sig;
        push @got, "$tag{d} $tag{s} " . ($tag{i} // '');
    }
    return @got;
}

my ($asked, $matched, @wrong) = (0, 0);
for my $kind (sort keys %whose) {
    for (1 .. $n) {
        my $table = join '', map { $whose{$kind}->() . one(' ', "\t", "  \t ") . value() . one('', ' ', ' # why') . "\n" }
            1 .. 1 + int rand 8;
        write_file('signs', $table);
        my @authors = map { one(one(@users), uc one(@users)) . '@' . one(@domains, uc one(@domains)) } 1 .. 3;
        open my $out, '-|', $cli, $kt, "$kind$dir/signs", @authors or die "tables_cli: $!\n";
        chomp(my @ours = <$out>);
        close $out or die "tables_cli fails on:\n$table";
        for my $author (@authors) {
            my @all = split /; /, shift @ours;
            my ($one) = theirs($kind, 0, $author);
            $asked++;
            $matched++ if @all;
            push @wrong, "$kind$table$author: ours @all[0 .. ($#all < 0 ? -1 : 0)], theirs " . ($one // 'none')
                if ($all[0] // '') ne ($one // '');
            # Of all that fit it signs with the first and the last alone:
            # t/data/DISAGREEMENTS.
            my @some = theirs($kind, 1, $author);
            my @ends = @all > 1 ? @all[0, -1] : @all;
            push @wrong, "$kind$table$author, all: ours @all, theirs @some" if "@ends" ne "@some";
        }
    }
}
diag "$asked authors, $matched with a match";
ok !@wrong, 'opendkim takes the same keys' or diag join "\n", @wrong[0 .. ($#wrong < 8 ? $#wrong : 8)];
cmp_ok $matched, '>', $asked / 3, 'many have a match';
cmp_ok $asked - $matched, '>', $asked / 20, 'some have none';
done_testing;
