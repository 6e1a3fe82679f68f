#!/usr/bin/perl
# SPDX-License-Identifier: BSD-2-Clause
# What Mail::DKIM says of each signature, and messages it signs.
#   dkim_maildkim.pl verify RECORDS FILE...   "file <TAB> index <TAB> result"
#   dkim_maildkim.pl sign JOBS
# RECORDS has "name <TAB> text" lines; a job is a line "file <TAB> out <TAB>
# domain <TAB> selector <TAB> PEM file <TAB> canonicalization <TAB> identity".
use strict;
use warnings;
use File::Basename;
use Mail::DKIM::Signer;
use Mail::DKIM::Verifier;
use Mail::DKIM::DNS;
use Net::DNS;

sub slurp {
    my ($path) = @_;
    open my $fh, '<:raw', $path or die "$path: $!\n";
    local $/;
    return scalar <$fh>;
}

sub verify {
    my ($records, @files) = @_;
    my %text;
    for (split /\n/, slurp($records)) {
        my ($name, $text) = split /\t/, $_, 2;
        push @{ $text{$name} }, $text;
    }
    # It compares what is no number.
    local $SIG{__WARN__} = sub { };
    no warnings 'redefine';
    *Mail::DKIM::DNS::query = sub {
        my ($name) = @_;
        $@ = 'NOERROR';
        my $found = $text{ lc $name } or return;
        return map {
            my @parts = unpack '(a255)*', $_;
            Net::DNS::RR->new(owner => $name, type => 'TXT', txtdata => \@parts)
        } @$found;
    };
    for my $file (@files) {
        my $v = Mail::DKIM::Verifier->new(Strict => 1);
        my $ok = eval { $v->PRINT(slurp($file)); $v->CLOSE; 1 };
        my $why = $ok ? '' : $@;
        my $n = 0;
        for my $s ($v->signatures) {
            my $result = $ok && $s->result ? $s->result_detail : "died $why";
            $result =~ s/[\t\r\n]+/ /g;
            printf "%s\t%d\t%s\n", basename($file), $n++, $result;
        }
    }
    return;
}

sub sign {
    my ($jobs) = @_;
    for (split /\n/, slurp($jobs)) {
        my ($file, $out, $domain, $selector, $key, $canon, $identity) =
          split /\t/, $_, -1;
        my $s = Mail::DKIM::Signer->new(
            Algorithm => 'rsa-sha256', Method => $canon, Domain => $domain,
            Selector => $selector, KeyFile => $key,
            length $identity ? (Identity => $identity) : ());
        my $message = slurp($file);
        $s->PRINT($message);
        $s->CLOSE;
        (my $field = $s->signature->as_string) =~ s/(?<!\r)\n/\r\n/g;
        open my $fh, '>:raw', $out or die "$out: $!\n";
        print $fh "$field\r\n$message";
        close $fh or die "$out: $!\n";
    }
    return;
}

my $what = shift // '';
if    ($what eq 'verify') { verify(@ARGV) }
elsif ($what eq 'sign')   { sign(@ARGV) }
else                      { die "verify or sign\n" }
